package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"cloud.google.com/go/pubsub/v2"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// afterwards: the budget alert, the publication report, the pages, the end.
func afterwards() []step {
	return []step{
		{"a budget belongs to the workspace", (*journey).setsBudget},
		{"50 % of it, said twice, alerts once", (*journey).alertsOnce},
		{"the alert is in the mail, once, and in the hub", (*journey).alertIsMailed},
		{"a report 14 days ahead is accepted", (*journey).reportInTime},
		{"13 days ahead only marked late, with a reason", (*journey).reportLate},
		{"the Research Map shows what is done", (*journey).researchMap},
		{"the web client is served", (*journey).webClient},
		{"a duplicate has what is in the workspace", (*journey).duplicates},
		{"a snapshot is shown to the community", (*journey).publishes},
		{"what is not built yet says so", (*journey).notBuilt},
		{"the local cloud stops cleanly", (*journey).stops},
	}
}

const (
	billingAccount = "0X0X0X-0X0X0X-0X0X0X"
	budgetID       = "journey-budget"
	budgetTopic    = "budget-notifications"
)

func (j *journey) setsBudget() (string, error) {
	body := map[string]any{"billingAccountId": billingAccount, "budgetId": budgetID, "amount": map[string]any{"value": "300.00", "currency": "USD"}}
	_, err := j.want(http.StatusOK, "PUT", j.path("billing", "budget"), j.researcher.token, body, nil)
	return "300.00 USD", err
}

// notify publishes a notification in Cloud Billing's format.
func (j *journey) notify(costAmount, threshold float64) error {
	client, err := pubsub.NewClient(j.ctx, j.cloud.ready.Project, option.WithEndpoint(j.cloud.ready.Addresses["pubsub"]),
		option.WithoutAuthentication(), option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	if err != nil {
		return err
	}
	defer client.Close()
	topic := client.Publisher(budgetTopic)
	defer topic.Stop()
	now := time.Now().UTC()
	data, err := json.Marshal(map[string]any{
		"budgetDisplayName": "Early treatment", "costAmount": costAmount, "budgetAmount": 300.0, "budgetAmountType": "SPECIFIED_AMOUNT",
		"currencyCode": "USD", "alertThresholdExceeded": threshold,
		"costIntervalStart": time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339),
	})
	if err != nil {
		return err
	}
	_, err = topic.Publish(j.ctx, &pubsub.Message{Data: data, Attributes: map[string]string{
		"billingAccountId": billingAccount, "budgetId": budgetID, "schemaVersion": "1.0"}}).Get(j.ctx)
	return err
}

type alerts struct {
	Items []struct {
		Threshold any    `json:"threshold"`
		Kind      string `json:"kind"`
	} `json:"items"`
}

func (j *journey) alerts() (alerts, error) {
	var a alerts
	_, err := j.want(http.StatusOK, "GET", j.path("billing", "alerts"), j.researcher.token, nil, &a)
	return a, err
}

// alertsOnce sends 50 % twice, then 75 % as a marker: when the marker's alert
// is there, the two before it have been handled.
func (j *journey) alertsOnce() (string, error) {
	for range 2 {
		if err := j.notify(150, 0.5); err != nil {
			return "", err
		}
	}
	if err := j.wantAlerts(2); err != nil { // 25 % and 50 % are both crossed
		return "", err
	}
	if err := j.notify(225, 0.75); err != nil {
		return "", err
	}
	if err := j.wantAlerts(3); err != nil {
		return "", err
	}
	a, err := j.alerts()
	if err != nil {
		return "", err
	}
	seen := map[string]int{}
	for _, one := range a.Items {
		seen[fmt.Sprint(one.Threshold)]++
	}
	if seen["50"] != 1 {
		return "", fmt.Errorf("alerts by threshold: %v; want 50 once", seen)
	}
	return "thresholds 25, 50, 75: one alert each", nil
}

func (j *journey) wantAlerts(n int) error {
	got := -1
	err := poll(j.ctx, 20*time.Second, func() (bool, error) {
		a, err := j.alerts()
		got = len(a.Items)
		return got == n, err
	})
	if err != nil {
		return fmt.Errorf("%d alerts, want %d: %w", got, n, err)
	}
	return nil
}

// alertIsMailed looks into the mail sink and the researcher's notices.
func (j *journey) alertIsMailed() (string, error) {
	fifty := 0
	err := poll(j.ctx, 20*time.Second, func() (bool, error) {
		a, err := j.call(http.MethodGet, j.cloud.ready.Addresses["mailbox"]+"/messages.json", "", nil)
		if err != nil {
			return false, err
		}
		var mails []struct {
			To      []string `json:"to"`
			Subject string   `json:"subject"`
		}
		if err := a.json(&mails); err != nil {
			return false, err
		}
		fifty = 0
		seventyFive := 0
		for _, m := range mails {
			if strings.Join(m.To, "") != j.researcher.email {
				continue
			}
			if strings.Contains(m.Subject, "50 %") {
				fifty++
			}
			if strings.Contains(m.Subject, "75 %") {
				seventyFive++
			}
		}
		return fifty > 0 && seventyFive > 0, nil
	})
	if err != nil {
		return "", err
	}
	if fifty != 1 {
		return "", fmt.Errorf("%d mails about 50 %%, want 1", fifty)
	}
	var notices struct {
		Items []struct {
			Title string `json:"title"`
		} `json:"items"`
	}
	err = poll(j.ctx, 10*time.Second, func() (bool, error) {
		_, err := j.want(http.StatusOK, "GET", "/portal/v1/notices", j.researcher.token, nil, &notices)
		return len(notices.Items) > 0, err
	})
	return fmt.Sprintf("%d notices", len(notices.Items)), err
}

func (j *journey) report(days int) (string, error) {
	var made struct {
		ID string `json:"id"`
	}
	body := map[string]any{
		"kind": "abstract", "title": "How soon treatment begins", "workspaceIds": []string{j.workspace}, "venue": "A conference",
		"plannedDate": dayAhead(days), "laySummary": "Most people begin treatment within a month.", "tier": "registered", "releaseId": j.release,
		"acknowledgementIncluded": true, "dataStatement": "Counts of twenty or fewer are not shown.",
		"attestations": map[string]any{"stigmatizing": true, "ethics": true},
	}
	_, err := j.want(http.StatusCreated, "POST", "/dissemination/v1/reports", j.researcher.token, body, &made)
	return made.ID, err
}

func (j *journey) submit(report string, status int, body map[string]any) (string, error) {
	a, err := j.want(http.StatusOK, "GET", "/dissemination/v1/reports/"+report, j.researcher.token, nil, nil)
	if err != nil {
		return "", err
	}
	a, err = j.want(status, "POST", "/dissemination/v1/reports/"+report+"/submission", j.researcher.token, body, nil, "If-Match", a.header.Get("ETag"))
	return string(a.body), err
}

func (j *journey) reportInTime() (string, error) {
	id, err := j.report(14)
	if err != nil {
		return "", err
	}
	text, err := j.submit(id, http.StatusOK, map[string]any{})
	if err == nil && !strings.Contains(text, `"submitted"`) {
		return "", fmt.Errorf("not submitted: %.300s", text)
	}
	return "submitted", err
}

func (j *journey) reportLate() (string, error) {
	id, err := j.report(13)
	if err != nil {
		return "", err
	}
	refused, err := j.submit(id, http.StatusUnprocessableEntity, map[string]any{})
	if err != nil {
		return "", err
	}
	if !strings.Contains(refused, "late") {
		return "", fmt.Errorf("the refusal does not say what to do: %.300s", refused)
	}
	text, err := j.submit(id, http.StatusOK, map[string]any{"late": true, "lateReason": "The conference moved its deadline."})
	if err == nil && !strings.Contains(text, `"late":true`) {
		return "", fmt.Errorf("not marked late: %.300s", text)
	}
	return "refused, then accepted as late", err
}

func (j *journey) researchMap() (string, error) {
	var m struct {
		Steps []struct {
			ID    string `json:"id"`
			State string `json:"state"`
		} `json:"steps"`
	}
	if _, err := j.want(http.StatusOK, "GET", "/portal/v1/research-map", j.researcher.token, nil, &m); err != nil {
		return "", err
	}
	done := 0
	for _, s := range m.Steps {
		if s.State == "done" {
			done++
		}
	}
	if done < 3 {
		return "", fmt.Errorf("only %d of %d steps are done: %+v", done, len(m.Steps), m.Steps)
	}
	return fmt.Sprintf("%d of %d steps done", done, len(m.Steps)), nil
}

func (j *journey) webClient() (string, error) {
	a, err := j.want(http.StatusOK, "GET", "/portal/", "", nil, nil)
	if err != nil {
		return "", err
	}
	if csp := a.header.Get("Content-Security-Policy"); csp == "" || strings.Contains(csp, "unsafe-inline") {
		return "", fmt.Errorf("the page's content security policy is %q", csp)
	}
	return fmt.Sprintf("%d bytes", len(a.body)), nil
}

func (j *journey) notBuilt() (string, error) {
	a, err := j.want(http.StatusNotImplemented, "GET", j.path("environment", "environments"), j.researcher.token, nil, nil)
	if err == nil && !strings.Contains(string(a.body), "does not have it yet") {
		return "", fmt.Errorf("the 501 does not say so: %s", a.body)
	}
	return "501", err
}

// stops checks the exit code and that nothing is left behind.
func (j *journey) stops() (string, error) {
	start := time.Now()
	if err := j.cloud.stop(j.ctx); err != nil {
		return "", fmt.Errorf("it did not stop cleanly: %w", err)
	}
	if left := processesUnder(j.dir); len(left) > 0 {
		return "", fmt.Errorf("processes left behind: %v", left)
	}
	return fmt.Sprintf("in %.1f s, nothing left behind", time.Since(start).Seconds()), nil
}

// processesUnder lists processes whose command line names the folder (Linux).
func processesUnder(dir string) []string {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var left []string
	for _, e := range entries {
		b, err := os.ReadFile("/proc/" + e.Name() + "/cmdline")
		if err == nil && e.Name() != fmt.Sprint(os.Getpid()) && strings.Contains(string(b), dir) {
			left = append(left, e.Name())
		}
	}
	return left
}
