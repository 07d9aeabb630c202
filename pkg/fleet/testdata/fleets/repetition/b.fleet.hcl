locals {
  n = jsondecode("{\"n\": 12}").n
}
