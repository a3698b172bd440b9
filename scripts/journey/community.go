package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// copied begins a copy and follows it to its end. It gives what was made: the
// identifier of a workspace or a snapshot, and how many things are in it.
func (j *journey) copied(path string, body map[string]any) (id string, things int, err error) {
	var job struct {
		ID          string `json:"id"`
		State       string `json:"state"`
		Done        int    `json:"done"`
		Total       int    `json:"total"`
		Problem     string `json:"problem"`
		WorkspaceID string `json:"workspaceId"`
		SnapshotID  string `json:"snapshotId"`
	}
	if _, err := j.want(http.StatusAccepted, "POST", path, j.researcher.token, body, &job); err != nil {
		return "", 0, err
	}
	follow := "/workspace/v1/duplications/" + job.ID
	err = poll(j.ctx, 30*time.Second, func() (bool, error) {
		if job.State == "done" {
			return true, nil
		}
		if job.State == "failed" {
			return false, errors.New(job.Problem)
		}
		_, err := j.want(http.StatusOK, "GET", follow, j.researcher.token, nil, &job)
		return false, err
	})
	if err == nil && (job.Done == 0 || job.Done != job.Total) {
		err = fmt.Errorf("%d of %d things were copied", job.Done, job.Total)
	}
	return job.WorkspaceID + job.SnapshotID, job.Done, err
}

// duplicates makes a workspace of the researcher's own, with what is in it.
func (j *journey) duplicates() (string, error) {
	policies, err := j.policies()
	if err != nil {
		return "", err
	}
	made, things, err := j.copied(j.path("workspace", "duplications"), map[string]any{"name": "Early treatment, again", "reviewRequested": false,
		"policies": []policy{policies["stigmatizingResearch"], policies["ethicalConduct"]}})
	if err != nil {
		return "", err
	}
	var cohorts struct {
		Items []struct {
			Name string `json:"name"`
		} `json:"items"`
	}
	if _, err := j.want(http.StatusOK, "GET", "/cohort/v1/workspaces/"+made+"/cohorts", j.researcher.token, nil, &cohorts); err != nil {
		return "", err
	}
	if len(cohorts.Items) != 1 || cohorts.Items[0].Name != j.study.name {
		return "", fmt.Errorf("the duplicate's cohorts are %+v", cohorts.Items)
	}
	return fmt.Sprintf("%d things", things), nil
}

// publishes shows the community a snapshot, and everybody that there is one.
func (j *journey) publishes() (string, error) {
	snapshot, things, err := j.copied(j.path("workspace", "snapshots"), map[string]any{"category": "community", "all": true,
		"title": "Metformin after diabetes", "description": "A cohort, a data set and its notebooks."})
	if err != nil {
		return "", err
	}
	var public struct {
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if _, err := j.want(http.StatusOK, "GET", "/directory/v1/community", "", nil, &public); err != nil {
		return "", err
	}
	if len(public.Items) != 1 || public.Items[0].ID != snapshot {
		return "", fmt.Errorf("the public sees %+v, want %s", public.Items, snapshot)
	}
	return fmt.Sprintf("%d things, public to all", things), nil
}
