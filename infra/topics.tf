# Topics, the push to each function that listens, and what Cloud Scheduler
# publishes. A push subscription of our own rather than an Eventarc trigger,
# whose subscription has no dead letters; the functions take both envelopes.
locals {
  topics = toset(concat([for f in local.pushed : f.topic], flatten([for f in local.functions : f.topics])))

  scheduled = { for name, f in local.pushed : name => f if try(f.schedule, "") != "" }

  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

resource "google_pubsub_topic" "this" {
  for_each = local.topics

  name                       = each.key
  message_retention_duration = "604800s"

  depends_on = [google_project_service.this]
}

resource "google_pubsub_topic" "dead" {
  for_each = local.pushed

  name = "${each.key}-dead"

  depends_on = [google_project_service.this]
}

# Keeps dead letters until a person has looked at them.
resource "google_pubsub_subscription" "dead" {
  for_each = local.pushed

  name                       = "${each.key}-dead"
  topic                      = google_pubsub_topic.dead[each.key].id
  message_retention_duration = "2678400s"

  expiration_policy {
    ttl = ""
  }
}

resource "google_service_account" "pusher" {
  account_id   = "hub-pusher"
  display_name = "Research Hub: calls the functions that listen to a topic"
}

resource "google_cloud_run_service_iam_member" "pusher" {
  for_each = local.pushed

  location = var.region
  service  = google_cloudfunctions2_function.this[each.key].name
  role     = "roles/run.invoker"
  member   = google_service_account.pusher.member
}

resource "google_pubsub_subscription" "push" {
  for_each = local.pushed

  name                       = each.key
  topic                      = google_pubsub_topic.this[each.value.topic].id
  ack_deadline_seconds       = 180
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${google_cloudfunctions2_function.this[each.key].service_config[0].uri}/${each.key}/"

    oidc_token {
      service_account_email = google_service_account.pusher.email
      audience              = google_cloudfunctions2_function.this[each.key].service_config[0].uri
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead[each.key].id
    max_delivery_attempts = var.delivery_attempts
  }

  expiration_policy {
    ttl = ""
  }
}

# Pub/Sub itself moves a message to the dead letters: it publishes there and
# takes it off the subscription.
resource "google_pubsub_topic_iam_member" "dead" {
  for_each = local.pushed

  topic  = google_pubsub_topic.dead[each.key].id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "dead" {
  for_each = local.pushed

  subscription = google_pubsub_subscription.push[each.key].id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

resource "google_pubsub_topic_iam_member" "function" {
  for_each = merge([
    for name, f in local.functions : { for topic in f.topics : "${name} ${topic}" => { name = name, topic = topic } }
  ]...)

  topic  = google_pubsub_topic.this[each.value.topic].id
  role   = "roles/pubsub.publisher"
  member = google_service_account.function[each.value.name].member
}

# Cloud Billing's own account, the publisher of budget notifications.
resource "google_pubsub_topic_iam_member" "budgets" {
  topic  = google_pubsub_topic.this["budget-notifications"].id
  role   = "roles/pubsub.publisher"
  member = "serviceAccount:billing-budget-alert@system.gserviceaccount.com"
}

resource "google_cloud_scheduler_job" "this" {
  for_each = local.scheduled

  name      = "hub-${each.key}"
  region    = var.region
  schedule  = each.value.schedule
  time_zone = "Etc/UTC"

  pubsub_target {
    topic_name = google_pubsub_topic.this[each.value.topic].id
    data       = base64encode("{}")
  }

  depends_on = [google_project_service.this]
}
