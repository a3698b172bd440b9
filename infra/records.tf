# What the hub keeps: records in Firestore, notebooks in Cloud Storage, the key
# that seals second factors' secrets, and who may read the data in BigQuery.

resource "google_firestore_database" "this" {
  name                              = "(default)"
  location_id                       = var.data_location.firestore
  type                              = "FIRESTORE_NATIVE"
  concurrency_mode                  = "PESSIMISTIC"
  point_in_time_recovery_enablement = "POINT_IN_TIME_RECOVERY_ENABLED"
  delete_protection_state           = "DELETE_PROTECTION_ENABLED"

  depends_on = [google_project_service.this]
}

resource "google_firestore_backup_schedule" "daily" {
  database  = google_firestore_database.this.name
  retention = "604800s"

  daily_recurrence {}
}

# firestore.indexes.json is the one list: the Firebase CLI reads it too, and a
# test compares it with every query in the code.
locals {
  indexes = {
    for i in jsondecode(file("${path.module}/firestore.indexes.json")).indexes :
    join(" ", concat([i.collectionGroup], [for f in i.fields : "${f.fieldPath} ${try(f.order, f.arrayConfig)}"])) => i
  }
}

resource "google_firestore_index" "this" {
  for_each = local.indexes

  database    = google_firestore_database.this.name
  collection  = each.value.collectionGroup
  query_scope = each.value.queryScope

  dynamic "fields" {
    for_each = each.value.fields

    content {
      field_path   = fields.value.fieldPath
      order        = try(fields.value.order, null)
      array_config = try(fields.value.arrayConfig, null)
    }
  }
}

# Times to live come from the same file. Nothing queries these fields, so they
# have no index either: one over rising times would be a hot spot.
resource "google_firestore_field" "expires" {
  for_each = { for o in jsondecode(file("${path.module}/firestore.indexes.json")).fieldOverrides : "${o.collectionGroup} ${o.fieldPath}" => o if try(o.ttl, false) }

  database   = google_firestore_database.this.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  ttl_config {}
  index_config {}
}

# Maps whose keys are identifiers: Firestore would index every entry of them by
# itself, for queries that nobody makes, at each write.
resource "google_firestore_field" "unindexed" {
  for_each = { for o in jsondecode(file("${path.module}/firestore.indexes.json")).fieldOverrides : "${o.collectionGroup} ${o.fieldPath}" => o if !try(o.ttl, false) }

  database   = google_firestore_database.this.name
  collection = each.value.collectionGroup
  field      = each.value.fieldPath

  index_config {}
}

resource "google_firebaserules_ruleset" "firestore" {
  source {
    files {
      name    = "firestore.rules"
      content = file("${path.module}/firestore.rules")
    }
  }

  depends_on = [google_firestore_database.this]
}

resource "google_firebaserules_release" "firestore" {
  name         = "cloud.firestore"
  ruleset_name = google_firebaserules_ruleset.firestore.name
}

# Accounts are made by the auth function alone, which answers the same whether or
# not an address has one. The provider has no setting for the protection from
# enumeration of the sign-in itself (emailPrivacyConfig): it is on in projects
# made after September 2023, and README.md has the command for others.
resource "google_identity_platform_config" "this" {
  authorized_domains = [var.domain]

  client {
    permissions {
      disabled_user_signup   = true
      disabled_user_deletion = true
    }
  }

  sign_in {
    email {
      enabled           = true
      password_required = true
    }
  }

  depends_on = [google_project_service.this]
}

resource "google_kms_key_ring" "this" {
  name     = "hub"
  location = var.region

  depends_on = [google_project_service.this]
}

resource "google_kms_crypto_key" "seal" {
  name            = "seal"
  key_ring        = google_kms_key_ring.this.id
  rotation_period = "7776000s"

  lifecycle {
    prevent_destroy = true
  }
}

resource "google_kms_crypto_key_iam_member" "auth_seals" {
  crypto_key_id = google_kms_crypto_key.seal.id
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = google_service_account.function["auth"].member
}

# The password itself is added by hand, so that Terraform's state never holds it:
# gcloud secrets versions add hub-smtp-password --data-file=-
resource "google_secret_manager_secret" "smtp_password" {
  secret_id = "hub-smtp-password"

  replication {
    auto {}
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_iam_member" "notify_reads" {
  secret_id = google_secret_manager_secret.smtp_password.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function["notify"].member
}

# What auth shares with the training provider (one secret, or while it is being
# changed two, separated by a comma; each of 32 characters or more) and with the
# identity provider. They are added by hand as well.
resource "google_secret_manager_secret" "auth" {
  for_each = { for name, secret in {
    HUB_TRAINING_WEBHOOK_SECRETS = var.training_webhook ? "hub-training-webhook-secrets" : null
    HUB_OIDC_CLIENT_SECRET       = var.identity == null ? null : "hub-oidc-client-secret"
  } : name => secret if secret != null }

  secret_id = each.value

  replication {
    auto {}
  }

  depends_on = [google_project_service.this]
}

resource "google_secret_manager_secret_iam_member" "auth_reads" {
  for_each = google_secret_manager_secret.auth

  secret_id = each.value.id
  role      = "roles/secretmanager.secretAccessor"
  member    = google_service_account.function["auth"].member
}

resource "google_storage_bucket" "notebooks" {
  name                        = "${var.project}-hub-notebooks"
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"

  versioning {
    enabled = true
  }

  lifecycle_rule {
    action {
      type = "Delete"
    }
    condition {
      num_newer_versions = 10
      with_state         = "ARCHIVED"
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

# environment writes notebooks, workspace and reminders copy them, reminders removes
# those of purged workspaces.
resource "google_storage_bucket_iam_member" "keeps_notebooks" {
  for_each = toset(["environment", "reminders", "workspace"])

  bucket = google_storage_bucket.notebooks.name
  role   = "roles/storage.objectUser"
  member = google_service_account.function[each.key].member
}

resource "google_bigquery_dataset_iam_member" "reads" {
  for_each = { for pair in setproduct(local.data, var.cdr_datasets) : join(" ", pair) => { name = pair[0], dataset = pair[1] } }

  dataset_id = each.value.dataset
  role       = "roles/bigquery.dataViewer"
  member     = google_service_account.function[each.value.name].member
}
