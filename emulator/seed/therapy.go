package seed

// therapy is how a disease is treated. Drugs of a choice stand for each other: a
// person who gets the therapy stays with one of them.
type therapy struct {
	disease int
	drugs   []choice
	// share of those with the disease ever get it; prompt is the share of them
	// that get it within thirty days of the diagnosis, the others later.
	share, prompt float64
	// supply is the days that one exposure lasts.
	supply int
	// stop is the chance to end it after each exposure; 1: it is given once.
	stop float64
}

// promptDays is how soon a prompt start is, in days.
const promptDays = 28

var therapies = []therapy{
	// 60 of 100 with type 2 diabetes start metformin within a month, 15 later.
	{type2Diabetes, []choice{{40164929, 0.85}, {1503297, 0.15}}, 0.75, 0.8, 90, 0.05},
	{type2Diabetes, []choice{{1560171, 1}}, 0.18, 0.15, 90, 0.08},
	{type2Diabetes, []choice{{1502905, 1}}, 0.2, 0.1, 30, 0.04},
	{hypertension, []choice{{1308216, 0.5}, {1367500, 0.2}, {1332419, 0.3}}, 0.78, 0.7, 90, 0.06},
	{hypertension, []choice{{974166, 1}}, 0.25, 0.3, 90, 0.08},
	{hyperlipidemia, []choice{{1545959, 0.6}, {1539411, 0.4}}, 0.7, 0.6, 90, 0.06},
	{coronaryDisease, []choice{{19059056, 1}}, 0.75, 0.7, 90, 0.05},
	{coronaryDisease, []choice{{1307046, 1}}, 0.5, 0.6, 90, 0.07},
	{infarction, []choice{{19075601, 1}}, 0.7, 0.9, 90, 0.15},
	{fibrillation, []choice{{40163554, 0.55}, {43013024, 0.45}}, 0.65, 0.75, 30, 0.03},
	{fibrillation, []choice{{19018935, 1}}, 0.12, 0.5, 90, 0.1},
	{heartFailure, []choice{{956874, 1}}, 0.7, 0.8, 30, 0.06},
	{stroke, []choice{{19059056, 0.6}, {19075601, 0.4}}, 0.7, 0.9, 90, 0.08},
	{asthma, []choice{{1154615, 1}}, 0.8, 0.85, 60, 0.25},
	{asthma, []choice{{40169216, 0.7}, {40169281, 0.3}}, 0.45, 0.5, 30, 0.15},
	{obstructiveLung, []choice{{40169281, 1}}, 0.55, 0.5, 30, 0.08},
	{obstructiveLung, []choice{{1551192, 1}}, 0.3, 0.3, 10, 0.6},
	{depression, []choice{{739138, 0.5}, {715939, 0.3}, {755695, 0.2}}, 0.65, 0.7, 30, 0.12},
	{anxiety, []choice{{715939, 0.6}, {739138, 0.4}}, 0.35, 0.6, 30, 0.15},
	{osteoarthritis, []choice{{1118088, 0.4}, {40162359, 0.3}, {19019273, 0.2}, {19078461, 0.1}}, 0.7, 0.6, 30, 0.35},
	{osteoarthritis, []choice{{1127433, 1}}, 0.35, 0.5, 30, 0.4},
	{reflux, []choice{{923645, 1}}, 0.6, 0.75, 60, 0.25},
	{giBleed, []choice{{923645, 1}}, 0.7, 0.9, 60, 0.3},
	{hypothyroidism, []choice{{40174880, 1}}, 0.9, 0.9, 90, 0.02},
	{alzheimer, []choice{{40223768, 1}}, 0.5, 0.6, 30, 0.06},
	{pneumonia, []choice{{19073183, 1}}, 0.7, 0.95, 10, 1},
}

// offLabel are drugs given now and then without the disease above: the share of
// adults who ever have a course, the days it lasts.
var offLabel = []struct {
	drug   int64
	share  float64
	supply int
}{
	{40164929, 0.008, 90},
	{1118088, 0.03, 14},
	{40162359, 0.03, 14},
	{19078461, 0.2, 7},
	{1127433, 0.2, 7},
	{19059056, 0.06, 90},
}
