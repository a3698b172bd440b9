import http.client
import json
import os
import urllib.error
import urllib.parse
import urllib.request

import pandas

TITLE = {{python .Title}}
ROWS = {{python .Path}}


def hub_request(path):
    """A request to the hub with this session's token."""
    url = os.environ.get("RESEARCH_HUB_URL", "").rstrip("/")
    token = os.environ.get("RESEARCH_HUB_TOKEN", "")
    for name, value in (("RESEARCH_HUB_URL", url), ("RESEARCH_HUB_TOKEN", token)):
        if not value:
            raise RuntimeError(f"the environment variable {name} is not set: set it, then run this cell again")
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise RuntimeError("RESEARCH_HUB_URL must begin with https://: the token is not sent in the clear")
    request = urllib.request.Request(url + path, headers={"Accept": "text/csv"})
    # Unredirected: the token goes to the hub and to nobody whom an answer points at.
    request.add_unredirected_header("Authorization", "Bearer " + token)
    return request


def explain(error):
    """What the hub says about a request that failed."""
    try:
        detail = json.loads(error.read(65536)).get("detail", "")
    except (ValueError, AttributeError):
        detail = ""
    if error.code in (401, 403):
        advice = "sign in to the hub with your second factor, put the new token into RESEARCH_HUB_TOKEN, then run this cell again"
        return f"your session has ended: {advice}. The hub says: {detail or error.code}"
    return f"the hub answers {error.code}: {detail or error.reason}"


def typed(name, column):
    """Give a column of text its type; one that does not fit stays text."""
    present = column.dropna()
    if present.empty:
        return column
    if name.endswith(("_date", "_datetime")):
        try:
            return pandas.to_datetime(column)
        except (ValueError, TypeError):
            return column
    # A leading zero makes a code of digits text: 0010 is not ten.
    if present.str.fullmatch(r"-?(0|[1-9][0-9]{0,17})").all():
        return pandas.array([int(v) if isinstance(v, str) else pandas.NA for v in column], dtype="Int64")
    if present.str.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?").all():
        return pandas.to_numeric(column)
    if present.isin(["true", "false"]).all():
        return column.map({"true": True, "false": False}).astype("boolean")
    return column


def fetch(path):
    """The rows at that place of the hub, as a data frame."""
    try:
        with urllib.request.urlopen(hub_request(path), timeout=300) as answer:
            # Only an empty field is missing: 'NA' and 'None' are values.
            text = pandas.read_csv(answer, dtype=str, keep_default_na=False, na_values=[""])
    except urllib.error.HTTPError as error:
        raise RuntimeError(explain(error)) from None
    except urllib.error.URLError as error:
        raise RuntimeError(f"the hub cannot be reached: {error.reason}") from None
    except (http.client.HTTPException, OSError):
        raise RuntimeError("the download broke off, so the rows are not complete: run this cell again") from None
    except pandas.errors.EmptyDataError:
        raise RuntimeError("the hub sent no rows and no names of columns: run this cell again") from None
    return pandas.DataFrame({name: typed(name, text[name]) for name in text.columns})
