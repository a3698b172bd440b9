package main

// The hub's functions: one import each registers it with shared/fn.
import (
	_ "researchhub.example/hub/functions/auth"
	_ "researchhub.example/hub/functions/billing"
	_ "researchhub.example/hub/functions/billingalerts"
	_ "researchhub.example/hub/functions/browser"
	_ "researchhub.example/hub/functions/cohort"
	_ "researchhub.example/hub/functions/directory"
	_ "researchhub.example/hub/functions/dissemination"
	_ "researchhub.example/hub/functions/environment"
	_ "researchhub.example/hub/functions/notify"
	_ "researchhub.example/hub/functions/portal"
	_ "researchhub.example/hub/functions/query"
	_ "researchhub.example/hub/functions/reminders"
	_ "researchhub.example/hub/functions/workspace"
)
