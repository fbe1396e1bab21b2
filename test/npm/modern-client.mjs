/*
 * A session of the official client of revision 2026-07-28: it probes a
 * throw-away sibling of the server first, says no hello in the session itself,
 * and answers what a result asks for by calling again.
 *
 * usage: node modern-client.mjs [PROXY ARG... --]
 *
 * Prints one line per outcome; with the proxy they must be the same.
 */
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import path from "node:path";
import { fileURLToPath } from "node:url";

const server = path.join(path.dirname(fileURLToPath(import.meta.url)),
	"modern-server.mjs");
const argv = [...process.argv.slice(2), process.execPath, server];

async function session(mode) {
	const client = new Client({ name: "modern", version: "1" }, {
		capabilities: { elicitation: { form: {} } },
		versionNegotiation: { mode },
	});
	const step = async (label, promise) => {
		const end = await promise.catch((error) => ({
			thrown: error.message, code: error.code }));
		console.log(JSON.stringify({ label, end }));
	};

	client.setRequestHandler("elicitation/create", async (request) => {
		console.log(JSON.stringify({ asked: request.params.message }));
		return { action: "accept", content: { name: "Ada \u2028" } };
	});
	await client.connect(new StdioClientTransport({ command: argv[0],
		args: argv.slice(1), env: process.env, stderr: "ignore" }));
	console.log(JSON.stringify({
		era: client.getNegotiatedProtocolVersion?.() }));
	await step("list", client.listTools());
	await step("echo", client.callTool({ name: "echo",
		arguments: { message: "\u00e9\u0085\r\n" } }));
	await step("ask", client.callTool({ name: "ask", arguments: {} }));
	await step("wrong", client.callTool({ name: "echo", arguments: {} }));
	await step("none", client.callTool({ name: "none", arguments: {} }));
	await client.close();
}

for (const mode of ["auto", { pin: "2026-07-28" }, "legacy"])
	await session(mode);
