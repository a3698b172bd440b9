package notify

import (
	"context"
	"net/url"
	"strings"
	"time"

	"cloud.google.com/go/firestore"

	"researchhub.example/hub/shared/fault"
	"researchhub.example/hub/shared/firestorex"
	"researchhub.example/hub/shared/id"
	"researchhub.example/hub/shared/mail"
	"researchhub.example/hub/shared/outbox"
	"researchhub.example/hub/shared/review"
)

// sendConfirmation mails the link that confirms a stranger's request for a
// review. The event says which request and nothing of the person; the token is
// made here, stands in this mail alone, and only its hash is kept. A request that
// has been mailed, confirmed or left to expire is left alone.
//
// A process that dies between keeping the hash and marking the mail sends another
// mail with another token; the links of both work.
func (d deps) sendConfirmation(ctx context.Context, e outbox.Event) error {
	requestID := strings.TrimPrefix(e.Target, review.Requests+"/")
	if err := id.Check(id.ReviewRequest, requestID); err != nil {
		return fault.Because(fault.Invalid, err, "The event says no request for a review.")
	}
	client := d.notices.client
	ref := client.Collection(review.Requests).Doc(requestID)
	token := review.NewToken()
	var request review.Request
	send := false
	err := client.RunTransaction(ctx, func(_ context.Context, tx *firestore.Transaction) error {
		send = false
		snap, err := tx.Get(ref)
		r, found, err := firestorex.Decode[review.Request]("request", snap, err)
		if err != nil || !found || !r.MailedAt.IsZero() || !r.ConfirmedAt.IsZero() || r.Expired(d.notices.clock.Now()) {
			return err
		}
		request, send = r.WithToken(token), true
		return tx.Set(ref, request)
	})
	if err != nil || !send {
		return firestorex.Fault("request.token", err)
	}
	subject, text, err := render(e.Type, facts{
		Data:    map[string]string{"project": request.Project, "until": request.AskedAt.Add(review.ConfirmWithin).UTC().Format("2 January 2006, 15:04") + " UTC"},
		BaseURL: d.baseURL, Link: confirmationLink(d.baseURL, requestID, token),
	})
	if err != nil {
		return err
	}
	if err := d.mail(ctx, mail.Message{To: request.Email, Subject: subject, Text: text, ID: requestID}); err != nil {
		return err
	}
	return d.markRequestMailed(ctx, ref)
}

// confirmationLink carries the token behind the '#', which browsers keep to
// themselves: it reaches no server's log and no referrer.
func confirmationLink(baseURL, requestID string, token review.Token) string {
	values := url.Values{"request": {requestID}, "token": {string(token)}}
	return baseURL + "/portal/review-request#" + values.Encode()
}

// markRequestMailed says that the mail has gone; one that is gone by now needs no mark.
func (d deps) markRequestMailed(ctx context.Context, ref *firestore.DocumentRef) error {
	_, err := ref.Update(ctx, []firestore.Update{{Path: "mailedAt", Value: d.notices.clock.Now().Truncate(time.Microsecond)}})
	if f := firestorex.Fault("request.mark", err); !fault.Is(f, fault.NotFound) {
		return f
	}
	return nil
}
