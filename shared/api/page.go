package api

// PageIn is what every list takes. Embed it in the operation's input.
type PageIn struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"20" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"200" doc:"The next of the page before; none for the first page."`
}

// Page is what every list answers.
type Page[T any] struct {
	Items []T    `json:"items" doc:"The entries of this page."`
	Next  string `json:"next,omitempty" doc:"Give it as cursor for the next page; absent after the last."`
}
