# Values for variables. Secrets don't belong into a file that is committed: give them by BASTION_FLEET_VAR_campaign.
team     = { name = "operations" }
campaign = "2026-11"
