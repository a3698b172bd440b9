# terraform test, against the provider's schema and no cloud. The packages come
# from: go run ./scripts/package -all -zip -out .state/packages
# Needs Terraform 1.11: computed values are mocked in the plan, because what is
# applied here could not be destroyed (prevent_destroy).
mock_provider "google" {
  override_during = plan
}

variables {
  project          = "hub-test"
  domain           = "hub.example.org"
  firebase_api_key = "a-key-that-names-the-project"
  packages         = "../.state/packages"
  cdr_datasets     = ["cdr_r", "cdr_c"]
  smtp             = { address = "smtp.example.org:587", from = "hub@example.org", username = "hub" }
}

run "everything_is_deployed" {
  command = plan

  assert {
    condition     = length(google_cloudfunctions2_function.this) == length(local.functions)
    error_message = "A function of the map is not deployed."
  }
  assert {
    condition     = keys(google_cloud_run_service_iam_member.everyone) == keys(local.http)
    error_message = "Exactly the HTTP functions may be called by everyone."
  }
  assert {
    condition     = alltrue([for name in keys(local.pushed) : google_cloudfunctions2_function.this[name].service_config[0].ingress_settings == "ALLOW_INTERNAL_ONLY"])
    error_message = "A function that listens to a topic can be reached from outside."
  }
  assert {
    condition     = alltrue([for name in keys(local.pushed) : google_pubsub_subscription.push[name].dead_letter_policy[0].max_delivery_attempts == var.delivery_attempts])
    error_message = "A push has no dead letters."
  }
  assert {
    condition     = length(google_bigquery_dataset_iam_member.reads) == 2 * length(local.data)
    error_message = "Each function that reads data reads each release's data sets, and no other function does."
  }
  assert {
    condition     = keys(google_project_iam_member.workspaces) == ["query", "reminders"] && alltrue([for m in google_project_iam_member.workspaces : strcontains(m.condition[0].expression, "/datasets/ws_")])
    error_message = "The workspaces' own data sets are read by query and removed by reminders, and nothing else of BigQuery is."
  }
  assert {
    condition     = length(google_firestore_index.this) == length(jsondecode(file("firestore.indexes.json")).indexes)
    error_message = "Two indexes have one key."
  }
  assert {
    condition     = keys(google_firestore_field.expires) == ["budgetMessages expiresAt", "challenges expiresAt", "cohortCounts expireAt", "conceptResolutions expireAt", "copyings expireAt", "directoryRemovals expireAt", "identityAttempts expireAt", "limits expireAt", "outbox expireAt", "reviewRequests expireAt"]
    error_message = "Records that are kept for a while only are kept for ever."
  }
  assert {
    condition     = keys(google_firestore_field.unindexed) == ["copyings include", "sessions goneFactors", "sessions sessions"]
    error_message = "Every session on record is indexed, entry by entry."
  }
}

run "accounts_are_made_by_the_hub_alone" {
  command = plan

  assert {
    condition     = google_identity_platform_config.this.client[0].permissions[0].disabled_user_signup && google_identity_platform_config.this.sign_in[0].email[0].enabled
    error_message = "Clients may sign up past the auth function, or nobody may sign in with a password."
  }
}

run "auth_gets_its_secrets" {
  command = plan

  variables {
    training_webhook = true
    identity         = { issuer = "https://id.example.org", client_id = "hub", acr = ["ial2"] }
  }

  assert {
    condition     = keys(google_secret_manager_secret_iam_member.auth_reads) == ["HUB_OIDC_CLIENT_SECRET", "HUB_TRAINING_WEBHOOK_SECRETS"]
    error_message = "auth cannot read a secret that it is configured with."
  }
  assert {
    condition     = local.own_environment.auth.HUB_IDENTITY_PROVIDER == "oidc" && local.own_environment.auth.HUB_OIDC_ACR == "ial2"
    error_message = "auth is not told of the identity provider."
  }
}

run "an_identity_provider_without_levels_is_refused" {
  command = plan

  variables {
    identity = { issuer = "https://id.example.org", client_id = "hub", acr = [] }
  }

  expect_failures = [var.identity]
}

run "a_local_project_is_refused" {
  command = plan

  variables {
    project = "demo-hub"
  }

  expect_failures = [var.project]
}

run "missing_packages_are_refused" {
  command = plan

  variables {
    packages = "nowhere"
  }

  expect_failures = [var.packages]
}

run "an_emulator_is_refused" {
  command = plan

  variables {
    settings = { FIRESTORE_EMULATOR_HOST = "127.0.0.1:8080" }
  }

  expect_failures = [var.settings]
}
