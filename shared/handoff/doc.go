// Package handoff turns a finished run into analysis code: a notebook (nbformat
// 4.5) for Python with pandas or for R with the tidyverse. It is pure: a run and
// its data set in, bytes out, the same bytes every time.
//
// A notebook holds no rows and no secret. It fetches the rows of its run from
// the hub over HTTPS when it is executed, with the address and the session's
// token from the environment variables RESEARCH_HUB_URL and RESEARCH_HUB_TOKEN,
// and never sends the token over plain HTTP to another machine, nor to a place
// that an answer redirects to. What people wrote (names of data sets) enters
// only as an escaped literal of the language or as escaped Markdown.
//
// Standard library only, beside the records it reads.
package handoff
