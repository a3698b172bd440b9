package auth

// What the page of the portal does with a passkey, as the browser's own API has
// it. Each answers what the hub answered, and what the browser had sent.

// hubInBrowser calls the hub from the page.
const hubInBrowser = `
	const hub = async (token, path, body) => {
		const headers = {"Content-Type": "application/json"};
		if (token) headers.Authorization = "Bearer " + token;
		const r = await fetch("/auth/v1" + path, {method: "POST", headers, body: JSON.stringify(body)});
		const answer = await r.json();
		if (!r.ok) throw new Error(path + ": " + r.status + " " + JSON.stringify(answer));
		return answer;
	};
	const sign = async (options) => {
		const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
		return (await navigator.credentials.get({publicKey})).toJSON();
	};
`

// enrolInBrowser makes a passkey in a session of level 2.
const enrolInBrowser = `async (token) => {` + hubInBrowser + `
	const begun = await hub(token, "/factors/passkeys", {name: "Laptop"});
	const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.publicKey);
	const credential = (await navigator.credentials.create({publicKey})).toJSON();
	return hub(token, "/factors/passkeys/" + begun.challengeId + "/confirmation", {credential});
}`

// stepUpInBrowser uses it as the second step of a session.
const stepUpInBrowser = `async (token) => {` + hubInBrowser + `
	const {passkey} = await hub(token, "/session/challenge", {});
	const sent = {challengeId: passkey.challengeId, credential: await sign(passkey.publicKey)};
	return {sent, answer: await hub(token, "/session/second-factor", sent)};
}`

// signInInBrowser signs in with it alone, without saying who: the browser finds
// the passkey.
const signInInBrowser = `async () => {` + hubInBrowser + `
	const begun = await hub("", "/passkey-login/challenge", {});
	const sent = {challengeId: begun.challengeId, credential: await sign(begun.publicKey)};
	return {sent, answer: await hub("", "/passkey-login", sent)};
}`
