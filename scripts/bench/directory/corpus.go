package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"researchhub.example/hub/shared/access"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/project"
)

// The words that the made projects are written with: some are in most of them,
// some in few. Words of no meaning stand for the names of genes, drugs and places
// that a real directory is full of.
var (
	diseases = strings.Split("type 2 diabetes mellitus|asthma|coronary artery disease|chronic kidney disease|breast cancer|colorectal cancer|hypertension|depression|"+
		"Alzheimer's disease|Parkinson's disease|multiple sclerosis|rheumatoid arthritis|systemic lupus erythematosus|sickle cell disease|COVID-19|obesity|"+
		"atrial fibrillation|heart failure|stroke|schizophrenia|bipolar disorder|opioid use disorder|osteoporosis|psoriasis|Crohn's disease|ulcerative colitis|"+
		"non-alcoholic fatty liver disease|chronic obstructive pulmonary disease|sleep apnoea|migraine|endometriosis|polycystic ovary syndrome|glaucoma|"+
		"Sjögren's syndrome|Ménière's disease|Kawasaki disease|cystic fibrosis|haemophilia|iron deficiency anaemia|preeclampsia", "|")
	methods = strings.Split("a genome-wide association study|polygenic risk scores|Mendelian randomisation|survival models|propensity score matching|"+
		"a phenome-wide association study|natural language processing of notes|gradient boosted trees|latent class analysis|a self-controlled case series|"+
		"mixed effects models of repeated measurements|rare variant burden tests|time series of wearable devices|a target trial emulation", "|")
	themes = strings.Split("treatment outcomes|access to care|social determinants of health|drug response|early diagnosis|comorbidities|health disparities|"+
		"medication adherence|sleep and activity|environmental exposures|neighbourhood deprivation|family history|ageing|quality of life|mortality|hospital admissions", "|")
	groups = strings.Split("older adults|women of childbearing age|people in rural areas|adolescents|veterans|people with low income|participants of African ancestry|"+
		"Hispanic participants|people with disabilities|shift workers|recent immigrants|people without insurance", "|")
	frames = strings.Split("We will estimate how %s relates to %s among %s, using %s.|The project asks whether %s explains differences in %s between %s and others; we apply %s.|"+
		"Our aim is to find which factors of %s predict %s for %s. The analysis uses %s and is repeated by age and sex.|"+
		"Electronic health records, surveys and genomic data are combined to study %s and %s in %s with %s.", "|")
	institutions = strings.Split("University of Example|Example State University|Northern Medical Center|Institute of Population Health|Coastal College|Hospital of the Lakes|"+
		"Vanderbrook University|Université de l'Exemple|Universität Musterstadt|Community Health Network|School of Public Health of the Plains|Meridian Biostatistics Institute", "|")
	surnames = strings.Split("Okafor|Müller|García|Nguyễn|O'Brien|Smith|Haddad|Kowalska|Ito|Singh|Lindström|Dubois|Mensah|Rossi|Cohen|Johnson", "|")
	given    = strings.Split("Ada|Zoë|José|Mai|Ian|Ann|Omar|Ewa|Ken|Asha|Björn|Chloé|Kofi|Luca|Miriam|Grace", "|")
)

// corpus makes projects, the same for the same seed.
type corpus struct{ *rand.Rand }

func (c corpus) pick(list []string) string { return list[c.IntN(len(list))] }

// rare is a word that few projects have: of a vocabulary of 30,000, by Zipf's law.
func (c corpus) rare(z *rand.Zipf) string {
	syllables := strings.Fields("ba ce di fo gu ka le mi no pu ra se ti vo xa ze bri cho dra flo gli kru pla")
	n := int(z.Uint64())
	var b strings.Builder
	for range 3 {
		b.WriteString(syllables[n%len(syllables)])
		n /= len(syllables)
	}
	return b.String() + c.pick([]string{"", "in", "ol", "ase"})
}

func (c corpus) text(z *rand.Zipf, sentences int) string {
	var list []string
	for range sentences {
		list = append(list, fmt.Sprintf(c.pick(frames), c.pick(diseases)+" and "+c.rare(z), c.pick(themes), c.pick(groups), c.pick(methods)),
			fmt.Sprintf("Of interest are %s, %s and %s.", c.rare(z), c.rare(z), c.pick(themes)))
	}
	return strings.Join(list, " ")
}

// projects gives n of them, the oldest first, spread over six years.
func projects(n int) []project.Project {
	r := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // the same projects at each run
	c, z := corpus{r}, rand.NewZipf(r, 1.1, 20, 29_999)
	kinds, populations := project.Codes(project.Kinds()), project.Codes(project.Populations())
	begin := time.Date(2020, 10, 1, 9, 0, 0, 0, time.UTC)
	list := make([]project.Project, n)
	for i := range list {
		at := begin.Add(time.Duration(i) * (6 * 365 * 24 * time.Hour / time.Duration(n)))
		disease := c.pick(diseases)
		w := access.Workspace{
			ID: id.New(id.Workspace, at), Name: strings.ToUpper(disease[:1]) + disease[1:] + " and " + c.pick(themes) + " " + c.rare(z), Tier: access.Registered, ReleaseID: "r2026",
			Purpose: access.Purpose{Kinds: []string{kinds[1+c.IntN(len(kinds)-1)]}, IntendedStudy: c.text(z, 3), ScientificApproach: c.text(z, 2), AnticipatedFindings: c.text(z, 2),
				Channels: []string{"journals"}, Outcomes: []string{"healthEquity"}},
			CreatedAt: at, UpdatedAt: at.Add(time.Duration(c.IntN(1000)) * time.Hour),
		}
		if c.IntN(3) == 0 {
			w.Tier = access.Controlled
		}
		if c.IntN(2) == 0 {
			w.Purpose.Kinds, w.Purpose.Disease = append(w.Purpose.Kinds, project.KindDisease), disease
		}
		if c.IntN(2) == 0 {
			w.Purpose.FocusOnPopulations, w.Purpose.Populations = true, []string{c.pick(populations), "raceEthnicity"}
		}
		list[i] = project.Of(w, c.pick(given)+" "+c.pick(surnames), c.pick(institutions)+[]string{"", "", fmt.Sprintf(", Campus %d", c.IntN(40))}[c.IntN(3)])
	}
	return list
}
