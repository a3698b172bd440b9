output "address" {
  description = "The address that the domain's A record must point to."
  value       = google_compute_global_address.this.address
}

output "base_url" {
  description = "Where the hub answers."
  value       = "https://${var.domain}"
}

output "functions" {
  description = "Each function with its deployed revision's address, which only the load balancer and Pub/Sub may call."
  value       = { for name, f in google_cloudfunctions2_function.this : name => f.service_config[0].uri }
}

output "service_accounts" {
  description = "Whom each function acts as."
  value       = { for name, a in google_service_account.function : name => a.email }
}

output "notebook_bucket" {
  description = "Where environments keep notebooks."
  value       = google_storage_bucket.notebooks.name
}

output "budget_topic" {
  description = "The topic to name in Cloud Billing's budgets."
  value       = google_pubsub_topic.this["budget-notifications"].id
}
