suppressPackageStartupMessages(library(tidyverse))
library(httr2)

title <- {{r .Title}}
rows <- {{r .Path}}

hub_setting <- function(name) {
  value <- Sys.getenv(name)
  if (!nzchar(value)) {
    stop("the environment variable ", name, " is not set: set it, then run this cell again", call. = FALSE)
  }
  value
}

fetch <- function(path) {
  url <- sub("/+$", "", hub_setting("RESEARCH_HUB_URL"))
  token <- hub_setting("RESEARCH_HUB_TOKEN")
  parts <- url_parse(url)
  if (parts$scheme != "https" && !(parts$hostname %in% c("127.0.0.1", "::1", "localhost"))) {
    stop("RESEARCH_HUB_URL must begin with https://: the token is not sent in the clear", call. = FALSE)
  }
  answer <- request(paste0(url, path)) |>
    req_auth_bearer_token(token) |>
    req_headers(Accept = "text/csv") |>
    # No redirects: the token goes to the hub and to nobody whom an answer points at.
    req_options(followlocation = FALSE) |>
    req_timeout(300) |>
    req_error(is_error = function(answer) FALSE) |>
    req_perform()
  status <- resp_status(answer)
  if (status != 200) {
    detail <- tryCatch(resp_body_json(answer, check_type = FALSE)$detail, error = function(e) NULL)
    if (is.null(detail)) detail <- status
    if (status %in% c(401, 403)) {
      stop("your session has ended: sign in to the hub with your second factor, put the new token into ",
        "RESEARCH_HUB_TOKEN, then run this cell again. The hub says: ", detail, call. = FALSE)
    }
    stop("the hub answers ", status, ": ", detail, call. = FALSE)
  }
  # Only an empty field is missing: 'NA' is a value. Dates and numbers are
  # recognised by readr; codes with leading zeros stay text.
  read_csv(resp_body_raw(answer), na = "", guess_max = Inf, show_col_types = FALSE, progress = FALSE)
}
