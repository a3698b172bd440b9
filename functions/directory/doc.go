// Package directory is the public function of the Research Projects Directory
// and of the policies that projects are held to. Nobody needs to sign in.
//
// Routes, all under /directory/v1 and all public:
//
//	GET /projects             every workspace's public face, newest first
//	GET /projects/{project}   one
//	GET /search               by text and facets, with counts; by pages
//	GET /downloads/{format}   all that a search finds, as csv or json
//	GET /community            the snapshots published to the community
//	GET /policies             the policies in force, by version
//
//	POST /projects/{project}/review-requests        asks the review board to look at a project
//	POST /review-requests/{request}/confirmation    confirms it, with the token that was mailed
//
// Environment: fn.Common, HUB_DIRECTORY_MAX_AGE, Freshness, requestRules
// (HUB_REVIEW_REQUEST_*, HUB_REVIEW_CONFIRM*, HUB_FORWARDED_HOPS), review.Config.
//
// # Search
//
// Firestore has no full-text search, and the directory is small: some ten
// thousand projects of some 2,000 letters. So each instance keeps an inverted
// index of its own in memory (index.go), with the words' stems by the Snowball
// project's algorithm for English (github.com/kljensen/snowball, which has no
// dependencies of its own) and Unicode's foldings by golang.org/x/text. There is
// no service to run, to pay for and to keep the directory's contents from.
//
// The library for this would be Bleve. Measured with 4,000 projects of the bench
// in memory, each search with the five facets, it took 21 s of processor time to
// index them and 74 to 112 ms for a search of common words; this index takes 0.6 s
// and 1.3 to 2 ms (Bleve 2.6.3: four fields with its English stems, a prefix
// query beside each word, sorted by score and date). It also ranks by numbers that
// change with every other project, so that places on pages do not stay, and
// counts a facet's other values only by a search of its own.
//
// A search finds projects that have all its words: the words themselves, other
// forms and spellings of them (tumours, tumor), words that begin so, and without
// accents; words of one letter or two away where no project has the word. Words
// in quotation marks, or written as one (COVID-19), stand in a row. Where no
// project has all words, those come that have the most, and the answer says so.
//
// A match in the name comes before one in the disease, that before one in the
// purpose's texts, that before one in the owner's name or the institution's; how
// well the word matches decides between equals, then the last change. There is no
// weight by how rare a word is: all projects found have all the words.
//
// # Freshness
//
// The index is read at start and then asks Firestore for what has changed, by
// the store's own time of each write (changedAt) in directoryProjects and, for
// projects that are not public any more, in directoryRemovals. It asks when an
// answer is due and the last time was HUB_DIRECTORY_REFRESH ago: so it works
// where an instance has no processor between requests, as a listener would not,
// and every answer's age is known. An answer is at most HUB_DIRECTORY_REFRESH
// old, and in a client's cache HUB_DIRECTORY_MAX_AGE more; one project's own
// route reads the record itself. While Firestore does not answer, searches go on
// for HUB_DIRECTORY_STALE. Every HUB_DIRECTORY_CHECK the number of records is
// compared and on any difference, as every HUB_DIRECTORY_REBUILD in any case, the
// index is built anew beside the one in use. It holds at most
// HUB_DIRECTORY_MAX_PROJECTS, the newest; an answer says when there are more.
//
// # Pages
//
// A cursor is the place of a page's last project in the order of the list, for
// one search. A project's place depends on the search and on itself alone, so
// that whoever turns pages, on whatever instances, meets every project that does
// not change in the meantime exactly once. A page says when the directory has
// changed since the page before. Where the change makes the search find in
// another way (a word that nobody had), the next page is refused with 412.
//
// Invariants:
//   - What it shows it reads from the projects' and listings' records (package
//     project) alone: they have no field for anything private; and an answer is
//     spelled out field by field. Only to confirm a request for a review does it read
//     a workspace's record, of which it shows nothing.
//   - A request for a review counts when its mail address is confirmed, once; who
//     asked is shown to the review board alone.
//   - An answer carries an ETag and may be kept by anybody for
//     HUB_DIRECTORY_MAX_AGE.
//   - In a CSV file no text begins as a formula does.
package directory
