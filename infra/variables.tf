variable "project" {
  description = "The Google Cloud project that the hub is deployed to."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project)) && !startswith(var.project, "demo-")
    error_message = "project must be a project id of Google Cloud; those that begin with demo- are local ones."
  }
}

variable "region" {
  description = "Where functions, topics and the notebook bucket are."
  type        = string
  default     = "us-central1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]$", var.region))
    error_message = "region must be one such as us-central1."
  }
}

variable "data_location" {
  description = "Where Firestore and BigQuery keep data: a region or a multi-region of both, such as nam5 and US."
  type = object({
    firestore = string
    bigquery  = string
  })
  default = {
    firestore = "nam5"
    bigquery  = "US"
  }
}

variable "domain" {
  description = "The host name that the hub answers at, such as hub.example.org. Its A record must point to the output address."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a host name in lower case, without a scheme or a path."
  }
}

variable "firebase_api_key" {
  description = "The web API key of Firebase Authentication, which clients send: it names the project and is no secret."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{20,100}$", var.firebase_api_key))
    error_message = "firebase_api_key is the Web API key that the Firebase console shows under the project's settings."
  }
}

variable "packages" {
  description = "The folder of function packages: go run ./scripts/package -all -zip -out DIR."
  type        = string

  validation {
    condition     = alltrue([for name in keys(local.functions) : fileexists("${var.packages}/${name}.zip")])
    error_message = "packages must hold one NAME.zip for each function: go run ./scripts/package -all -zip -out DIR makes them."
  }
}

variable "cdr_datasets" {
  description = "The BigQuery data sets that hold CDR releases, as scripts/cdr loaded them. Functions read these and no others."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for d in var.cdr_datasets : can(regex("^[A-Za-z0-9_]+$", d))])
    error_message = "cdr_datasets are names of BigQuery data sets: letters, digits and underscores."
  }
}

variable "smtp" {
  description = "The mail server: address (host:port), sender and user. The password is the secret hub-smtp-password."
  type = object({
    address  = string
    from     = string
    username = string
  })

  validation {
    condition     = can(regex("^[^:/ ]+:[0-9]{1,5}$", var.smtp.address))
    error_message = "smtp.address must be host:port."
  }
  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+$", var.smtp.from))
    error_message = "smtp.from must be an e-mail address."
  }
}

variable "training_webhook" {
  description = "Whether the training provider reports completions to the webhook. Its secrets are the secret hub-training-webhook-secrets; false keeps the route shut."
  type        = bool
  default     = false
}

variable "identity" {
  description = "The OpenID provider that verifies identities: issuer, the hub's client id there, and the values of the claim acr that are high enough. The client's secret is the secret hub-oidc-client-secret. Null has access admins enter identities."
  type = object({
    issuer    = string
    client_id = string
    acr       = list(string)
  })
  default = null

  validation {
    condition     = var.identity == null || can(regex("^https://[^ ]+$", var.identity.issuer))
    error_message = "identity.issuer must be an https address."
  }
  validation {
    condition     = var.identity == null || try(length(var.identity.acr) > 0 && !anytrue([for a in var.identity.acr : a == "" || strcontains(a, ",")]), false)
    error_message = "identity.acr must name at least one value, and none with a comma."
  }
}

variable "settings" {
  description = "Environment variables for all functions that move the programme's numbers, such as HUB_INITIAL_CREDITS_USD. The functions' documentation lists them."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : startswith(name, "HUB_")])
    error_message = "settings are the hub's own variables: their names begin with HUB_."
  }
}

variable "max_instances" {
  description = "The most instances of one function."
  type        = number
  default     = 20

  validation {
    condition     = var.max_instances >= 1 && var.max_instances <= 1000
    error_message = "max_instances must be between 1 and 1000."
  }
}

variable "delivery_attempts" {
  description = "How often a message is delivered before it goes to the dead letters."
  type        = number
  default     = 50

  validation {
    condition     = var.delivery_attempts >= 5 && var.delivery_attempts <= 100
    error_message = "delivery_attempts must be between 5 and 100, Pub/Sub's limits."
  }
}
