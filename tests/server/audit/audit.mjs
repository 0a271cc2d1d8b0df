// Runs the audit of graphql-http against a server; prints each check as JSON: what it is, and how it went.
import { pathToFileURL } from 'node:url';

const [modules, url] = process.argv.slice(2);
const { auditServer } = await import(pathToFileURL(`${modules}/graphql-http/lib/index.mjs`));
const results = await auditServer({ url });
console.log(JSON.stringify(results.map(({ id, name, status, reason = '' }) => ({ id, name, status, reason }))));
