// Runs the Auth emulator of the firebase-tools version that package-lock.json
// pins, without its command line: that one compiles every schema of the API
// first and takes seventeen seconds. `createApp` is internal to firebase-tools,
// hence the exact pin.
//
// node launcher.cjs <folder with node_modules> <port> <project>
"use strict";

const path = require("node:path");
const { createRequire } = require("node:module");

const [, , folder, port, project] = process.argv;
const need = createRequire(path.join(folder, "package.json"));

// With this set its logger writes plain lines; without it, none.
process.env.IS_FIREBASE_CLI = "true";
need("firebase-tools/lib/logger.js").useConsoleLoggers();

const exegesis = need("exegesis-express");
const eager = exegesis.middleware;
exegesis.middleware = (document, options) =>
  eager(document, { ...options, lazyCompileValidationSchemas: true });

const { createApp } = need("firebase-tools/lib/emulator/auth/server.js");

createApp(project)
  .then((app) => {
    const server = app.listen(Number(port), "127.0.0.1");
    server.on("error", (err) => {
      console.error(`cannot listen on 127.0.0.1:${port}: ${err.message}`);
      process.exit(1);
    });
  })
  .catch((err) => {
    console.error(err);
    process.exit(1);
  });
