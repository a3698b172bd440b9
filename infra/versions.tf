terraform {
  required_version = ">= 1.9"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.38, < 8.0"
    }
  }
}

provider "google" {
  project               = var.project
  region                = var.region
  user_project_override = true
  billing_project       = var.project
}

data "google_project" "this" {}

locals {
  services = [
    "artifactregistry", "bigquery", "billingbudgets", "cloudbuild", "cloudfunctions", "cloudkms",
    "cloudscheduler", "compute", "firebaserules", "firestore", "iam", "iamcredentials",
    "identitytoolkit", "pubsub", "run", "secretmanager", "storage",
  ]
}

resource "google_project_service" "this" {
  for_each = toset(local.services)

  service            = "${each.key}.googleapis.com"
  disable_on_destroy = false
}
