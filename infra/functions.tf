# The one map of functions. shared/house compares it with the code: a function
# that is not here is not deployed, and a test says so.
#
# trigger is http (behind the load balancer under /NAME/) or pubsub (messages of
# topic are pushed to /NAME/; schedule, a cron line in UTC, publishes to it).
# roles are held on the project; topics are those it publishes to; data lets it
# read the CDR's data sets; workspaces is what it may do with the
# workspaces' own data sets, read or remove (cohort makes and so owns them); heavy
# has it built on large machines: the GoogleSQL analyzer takes 7 GB to compile.
locals {
  functions = {
    auth = {
      trigger = "http"
      memory  = "512Mi"
      roles   = ["roles/datastore.user", "roles/firebaseauth.admin"]
      topics  = ["hub-events"]
    }
    workspace = {
      trigger = "http"
      memory  = "512Mi"
      roles   = ["roles/datastore.user", "roles/firebaseauth.viewer"]
      topics  = ["hub-events"]
    }
    directory = {
      trigger = "http"
      memory  = "1Gi"
      roles   = ["roles/datastore.user"]
      topics  = ["hub-events"]
    }
    browser = {
      trigger = "http"
      memory  = "512Mi"
      roles   = ["roles/datastore.user", "roles/bigquery.jobUser"]
      topics  = []
      data    = true
    }
    cohort = {
      trigger = "http"
      memory  = "1Gi"
      roles   = ["roles/datastore.user", "roles/firebaseauth.viewer", "roles/bigquery.jobUser", "roles/bigquery.user"]
      topics  = []
      data    = true
    }
    query = {
      trigger    = "http"
      memory     = "2Gi"
      roles      = ["roles/datastore.user", "roles/firebaseauth.viewer", "roles/bigquery.jobUser"]
      topics     = []
      data       = true
      heavy      = true
      workspaces = "read"
    }
    environment = {
      trigger = "http"
      memory  = "512Mi"
      roles   = ["roles/datastore.user", "roles/firebaseauth.viewer"]
      topics  = []
    }
    billing = {
      trigger = "http"
      memory  = "512Mi"
      roles   = ["roles/datastore.user", "roles/firebaseauth.viewer"]
      topics  = []
    }
    billingalerts = {
      trigger = "pubsub"
      topic   = "budget-notifications"
      memory  = "512Mi"
      roles   = ["roles/datastore.user"]
      topics  = ["hub-events"]
    }
    dissemination = {
      trigger = "http"
      memory  = "512Mi"
      roles   = ["roles/datastore.user", "roles/firebaseauth.viewer"]
      topics  = ["hub-events"]
    }
    reminders = {
      trigger    = "pubsub"
      topic      = "hub-schedule"
      schedule   = "*/5 * * * *"
      memory     = "512Mi"
      roles      = ["roles/datastore.user"]
      topics     = ["hub-events"]
      workspaces = "remove"
    }
    notify = {
      trigger = "pubsub"
      topic   = "hub-events"
      memory  = "512Mi"
      roles   = ["roles/datastore.user", "roles/firebaseauth.admin"]
      topics  = []
    }
    portal = {
      trigger = "http"
      memory  = "512Mi"
      roles   = ["roles/datastore.user", "roles/firebaseauth.viewer"]
      topics  = []
    }
  }

  http   = { for name, f in local.functions : name => f if f.trigger == "http" }
  pushed = { for name, f in local.functions : name => f if f.trigger == "pubsub" }
  data   = [for name, f in local.functions : name if try(f.data, false)]

  environment = merge(var.settings, {
    GOOGLE_CLOUD_PROJECT = var.project
    HUB_BASE_URL         = "https://${var.domain}"
  })

  # What single functions get beside that.
  own_environment = {
    # The load balancer appends the client's address and its own.
    auth = merge({ HUB_SEAL_KMS_KEY = google_kms_crypto_key.seal.id, HUB_FORWARDED_HOPS = "2" }, { for name, value in {
      HUB_IDENTITY_PROVIDER = var.identity == null ? null : "oidc"
      HUB_OIDC_ISSUER       = try(var.identity.issuer, null)
      HUB_OIDC_CLIENT_ID    = try(var.identity.client_id, null)
      HUB_OIDC_ACR          = try(join(",", var.identity.acr), null)
    } : name => value if value != null })
    directory   = { HUB_FORWARDED_HOPS = "2" }
    environment = { HUB_NOTEBOOK_BUCKET = google_storage_bucket.notebooks.name }
    workspace   = { HUB_NOTEBOOK_BUCKET = google_storage_bucket.notebooks.name }
    reminders   = { HUB_NOTEBOOK_BUCKET = google_storage_bucket.notebooks.name }
    notify = {
      HUB_SMTP_ADDR     = var.smtp.address
      HUB_MAIL_FROM     = var.smtp.from
      HUB_SMTP_USERNAME = var.smtp.username
    }
    portal = { HUB_FIREBASE_API_KEY = var.firebase_api_key }
  }

  # The secrets of single functions: which variable holds which secret.
  own_secrets = {
    auth   = { for name, secret in google_secret_manager_secret.auth : name => secret.secret_id }
    notify = { HUB_SMTP_PASSWORD = google_secret_manager_secret.smtp_password.secret_id }
  }
}

resource "google_service_account" "function" {
  for_each = local.functions

  account_id   = "hub-${each.key}"
  display_name = "Research Hub: ${each.key}"
}

# What removes the data sets of purged workspaces reads nothing in them.
resource "google_project_iam_custom_role" "removes_workspaces" {
  role_id     = "hubWorkspaceRemover"
  title       = "Removes the data sets of purged workspaces"
  permissions = ["bigquery.datasets.delete", "bigquery.datasets.get", "bigquery.tables.delete", "bigquery.tables.list"]
}

# A workspace's own data set is named by the workspace's identifier, ws_ and a ULID.
resource "google_project_iam_member" "workspaces" {
  for_each = { for name, f in local.functions : name => f.workspaces if try(f.workspaces, "") != "" }

  project = var.project
  role    = { read = "roles/bigquery.dataViewer", remove = google_project_iam_custom_role.removes_workspaces.id }[each.value]
  member  = google_service_account.function[each.key].member

  condition {
    title      = "The workspaces' own data sets"
    expression = "resource.name.startsWith(\"projects/${var.project}/datasets/ws_\")"
  }
}

resource "google_project_iam_member" "function" {
  for_each = merge([
    for name, f in local.functions : { for role in f.roles : "${name} ${role}" => { name = name, role = role } }
  ]...)

  project = var.project
  role    = each.value.role
  member  = google_service_account.function[each.value.name].member
}

# auth mints custom tokens, which it signs as itself.
resource "google_service_account_iam_member" "auth_signs" {
  service_account_id = google_service_account.function["auth"].name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = google_service_account.function["auth"].member
}

resource "google_storage_bucket" "packages" {
  name                        = "${var.project}-hub-packages"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      age = 90
    }
  }
}

resource "google_storage_bucket_object" "package" {
  for_each = local.functions

  bucket = google_storage_bucket.packages.name
  name   = "${each.key}/${filesha256("${var.packages}/${each.key}.zip")}.zip"
  source = "${var.packages}/${each.key}.zip"
}

resource "google_cloudbuild_worker_pool" "heavy" {
  name     = "hub-heavy"
  location = var.region

  worker_config {
    machine_type = "e2-standard-8"
    disk_size_gb = 100
  }

  depends_on = [google_project_service.this]
}

resource "google_cloudfunctions2_function" "this" {
  for_each = local.functions

  name        = each.key
  location    = var.region
  description = "Research Hub: ${each.key}"

  build_config {
    runtime     = "go126"
    entry_point = each.key
    worker_pool = try(each.value.heavy, false) ? google_cloudbuild_worker_pool.heavy.id : null

    source {
      storage_source {
        bucket = google_storage_bucket.packages.name
        object = google_storage_bucket_object.package[each.key].name
      }
    }
  }

  service_config {
    available_memory                 = each.value.memory
    available_cpu                    = "1"
    max_instance_count               = var.max_instances
    max_instance_request_concurrency = 40
    # The functions' own deadlines are below this.
    timeout_seconds                = 120
    service_account_email          = google_service_account.function[each.key].email
    ingress_settings               = each.value.trigger == "http" ? "ALLOW_INTERNAL_AND_GCLB" : "ALLOW_INTERNAL_ONLY"
    all_traffic_on_latest_revision = true
    environment_variables          = merge(local.environment, try(local.own_environment[each.key], {}))

    dynamic "secret_environment_variables" {
      for_each = try(local.own_secrets[each.key], {})

      content {
        key        = secret_environment_variables.key
        project_id = var.project
        secret     = secret_environment_variables.value
        version    = "latest"
      }
    }
  }

  depends_on = [
    google_project_service.this,
    google_project_iam_member.function,
    google_secret_manager_secret_iam_member.auth_reads,
    google_secret_manager_secret_iam_member.notify_reads,
  ]
}

# Everyone may call an HTTP function: each request proves itself with an ID
# token, which the function verifies. The way in is the load balancer alone.
resource "google_cloud_run_service_iam_member" "everyone" {
  for_each = local.http

  location = var.region
  service  = google_cloudfunctions2_function.this[each.key].name
  role     = "roles/run.invoker"
  member   = "allUsers"
}
