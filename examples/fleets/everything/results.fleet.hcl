# Outputs are shown at the end of an apply, and by bastion-fleet output. They and checks may refer to what was bought.
output "buy_ids" {
  description = "what the console and the vendor's support know the purchases by"
  value       = { for code, o in order.branch : code => o.buy_id }
}

output "voucher" {
  value     = var.campaign
  sensitive = true # bastion-fleet output voucher --raw shows it
}

# A check warns, in plans and applies, and stops nothing.
check "branches" {
  assert {
    condition     = length(order.branch) >= 4
    error_message = "Only ${length(order.branch)} branches are open: has the inventory been exported?"
  }

  # What depends on an order that is not bought yet is left out until it is.
  assert {
    condition     = alltrue([for o in order.branch : o.status == "bought"])
    error_message = "Not every branch is bought: see bastion-fleet state list."
  }
}
