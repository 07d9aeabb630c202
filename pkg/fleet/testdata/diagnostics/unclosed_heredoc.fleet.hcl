fleet "f" {}
order "one" {
  desc = <<-EOT
    one
  EOT
}
order "gw" {
  desc = upper(/* # ERROR: Unclosed text" */ <<-EOT
    gateway
}
