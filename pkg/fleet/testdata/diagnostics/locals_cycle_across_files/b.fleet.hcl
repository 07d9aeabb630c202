locals {
  second = local.third[*]
  fourth = try(local["first"], null)
  after  = local.first # no mistake of its own
}
