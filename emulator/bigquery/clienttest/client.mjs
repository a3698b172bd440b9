// Drives the local BigQuery at process.argv[2] by Google's own client for Node and
// prints what it saw, one JSON line, for the Go test beside to compare.
import { BigQuery } from '@google-cloud/bigquery';
import { OAuth2Client } from 'google-auth-library';
import { writeFileSync } from 'node:fs';

const [url, scratch] = process.argv.slice(2);
const authClient = new OAuth2Client();
authClient.setCredentials({ access_token: 'local' });
const bq = new BigQuery({ projectId: 'demo-test', apiEndpoint: url, authClient });
const seen = {};

const [dataset] = await bq.createDataset('node');
const schema = [{ name: 'i', type: 'INTEGER', mode: 'REQUIRED' }, { name: 's', type: 'STRING' }, { name: 'tags', type: 'STRING', mode: 'REPEATED' }];
const [table] = await dataset.createTable('t', { schema });
await table.insert([{ i: 1, s: 'a', tags: ['x', 'y'] }, { i: 2, s: null }]);
writeFileSync(`${scratch}/rows.json`, '{"i":3,"s":"c","tags":["z"]}\n{"i":4}\n');
const [load] = await table.load(`${scratch}/rows.json`, { sourceFormat: 'NEWLINE_DELIMITED_JSON' });
seen.loaded = load.statistics.load.outputRows;

const [rows] = await bq.query({ query: 'SELECT * FROM node.t ORDER BY i' });
seen.rows = rows;
const [named] = await bq.query({ query: 'SELECT @n + i AS x FROM node.t WHERE s IN UNNEST(@l) ORDER BY 1', params: { n: 10, l: ['a', 'c'] } });
seen.named = named;
const [dry] = await bq.createQueryJob({ query: 'SELECT i FROM node.t', dryRun: true });
seen.dry = dry.metadata.statistics.totalBytesProcessed;
const [job] = await bq.createQueryJob({ query: 'SELECT n FROM UNNEST(GENERATE_ARRAY(1, 2500)) n ORDER BY n' });
let count = 0;
for await (const row of job.getQueryResultsStream()) count += row.n === count + 1 ? 1 : NaN;
seen.streamed = count;
try {
  await bq.query('SELECT nope FROM node.t');
} catch (e) {
  seen.error = { code: e.code, reason: e.errors?.[0]?.reason };
}
const [metadata] = await table.getMetadata();
seen.numRows = metadata.numRows;
await dataset.delete({ force: true });
seen.left = (await bq.getDatasets())[0].length;
console.log(JSON.stringify(seen));
