# Override files are merged last into what the others declare: for what one place has otherwise, without an edit.
region "cn-east-2" {
  az = "cn-east-2b"
}
