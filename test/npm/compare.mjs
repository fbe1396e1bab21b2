/*
 * One session of the official client, held twice: with the server itself, and
 * with the server behind the proxy.  What the client is told and what the
 * server is told must be the same, in the same order, but for times and
 * random names.
 *
 * usage: node compare.mjs SCENARIO DIRECTORY PROXY [ARG...] --
 *
 * SCENARIO is a name in scenarios.mjs; DIRECTORY is made anew for each of the
 * two sessions; PROXY ... -- is what is put before the server's own command.
 * Exit status: 0 the same, 1 a difference, 2 trouble.
 */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from
	"@modelcontextprotocol/sdk/client/stdio.js";
import fs from "node:fs";
import { capabilities, handlers, scenarios } from "./scenarios.mjs";

const MASKS = [
	[/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)/g, "<time>"],
	[/\d{1,2}:\d\d:\d\d( [AP]M)?/g, "<clock>"],
	[/(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \w{3} \d\d \d{4} <clock>[^"\n\\]*/g,
		"<date>"],
	[/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
		"<uuid>"],
	[/"taskId":"[^"]+"/g, '"taskId":"<task>"'],
	[/[0-9a-f]{32}/g, "<hex>"],
];

/* A blob that holds plain text is shown as such: it may tell the time. */
const plain = (member, base64) => {
	const text = Buffer.from(base64, "base64").toString("latin1");
	return /^[\x20-\x7e]+$/.test(text) ? `"blob":"plain ${text}"` : member;
};

const masked = (message) => MASKS.reduce(
	(text, [pattern, name]) => text.replace(pattern, name),
	JSON.stringify(message).replace(/"blob":"([A-Za-z0-9+/=]+)"/g, plain));

/* Stands between the client and its transport and writes down both sides. */
class Recorder {
	constructor(inner) {
		this.inner = inner;
		this.received = [];
		this.sent = [];
		inner.onmessage = (message, extra) => {
			this.received.push(message);
			this.onmessage?.(message, extra);
		};
		inner.onclose = () => this.onclose?.();
		inner.onerror = (error) => {
			this.received.push({ transportError: String(error) });
			this.onerror?.(error);
		};
	}

	start() {
		return this.inner.start();
	}

	send(message, options) {
		this.sent.push(message);
		return this.inner.send(message, options);
	}

	close() {
		return this.inner.close();
	}
}

const alive = (pid) => {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
};

async function session(scenario, dir, prefix) {
	fs.rmSync(dir, { recursive: true, force: true });
	fs.mkdirSync(dir, { recursive: true });
	const { command, env, talk } = scenarios[scenario](dir);
	const argv = [...prefix, ...command];
	const inner = new StdioClientTransport({
		command: argv[0], args: argv.slice(1), cwd: dir,
		env: { ...process.env, ...env }, stderr: "ignore" });
	const recorder = new Recorder(inner);
	const client = new Client({ name: "compare", version: "1" },
		{ capabilities });
	const outcomes = [];

	handlers(client, dir);
	await client.connect(recorder);
	const pid = inner.pid;
	await talk(client, recorder, async (label, promise) => {
		let end;
		try {
			end = await promise;
		} catch (error) {
			end = { thrown: error.message, code: error.code,
				data: error.data };
		}
		outcomes.push({ label, end });
		return end;
	});
	await client.close();
	outcomes.push({ label: "the process is gone", end: !alive(pid) });
	return {
		received: recorder.received.map(masked),
		sent: recorder.sent.map(masked),
		outcomes: outcomes.map(masked),
	};
}

function difference(name, direct, proxied) {
	const count = Math.max(direct.length, proxied.length);
	for (let i = 0; i < count; i++) {
		if (direct[i] === proxied[i])
			continue;
		console.log(`${name}, number ${i}:`);
		console.log(`  direct:  ${String(direct[i]).slice(0, 600)}`);
		console.log(`  proxied: ${String(proxied[i]).slice(0, 600)}`);
		return 1;
	}
	return 0;
}

const [scenario, dir, ...prefix] = process.argv.slice(2);
if (scenarios[scenario] === undefined || dir === undefined) {
	console.error("usage: compare.mjs SCENARIO DIRECTORY PROXY [ARG...] --");
	process.exit(2);
}
try {
	const direct = await session(scenario, dir, []);
	const proxied = await session(scenario, dir, prefix);
	let found = 0;
	for (const name of ["received", "sent", "outcomes"])
		found += difference(name, direct[name], proxied[name]);
	console.log(`${direct.received.length} messages received, ` +
		`${direct.sent.length} sent, ${direct.outcomes.length} outcomes`);
	process.exit(found === 0 ? 0 : 1);
} catch (error) {
	console.error(error);
	process.exit(2);
}
