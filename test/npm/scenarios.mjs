/*
 * What compare.mjs says to each server: every list, every harmless tool,
 * every kind of request that a server can make of its client, and errors.
 */
import { CreateMessageRequestSchema, ElicitRequestSchema,
	ListRootsRequestSchema, ResultSchema } from
	"@modelcontextprotocol/sdk/types.js";
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const server = (name) => [process.execPath, path.join(here, "node_modules",
	"@modelcontextprotocol", `server-${name}`, "dist", "index.js")];

export const capabilities = {
	roots: { listChanged: true }, sampling: {},
	elicitation: { form: {}, url: {} },
};

export function handlers(client, dir) {
	client.setRequestHandler(ListRootsRequestSchema, async () => ({
		roots: [{ uri: pathToFileURL(dir).href, name: "work" }] }));
	client.setRequestHandler(CreateMessageRequestSchema, async () => ({
		model: "stub", role: "assistant",
		content: { type: "text", text: "sampled \u00e9 \u2028" } }));
	client.setRequestHandler(ElicitRequestSchema, async (request) =>
		request.params.mode === "url" ? { action: "decline" } :
			{ action: "accept", content: { name: "n", check: true } });
}

const count = (recorder, method) =>
	recorder.received.filter((m) => m.method === method).length;

const seen = async (recorder, method, wanted = 1, ms = 5000) => {
	const end = Date.now() + ms;
	while (Date.now() < end) {
		if (count(recorder, method) >= wanted)
			return;
		await new Promise((done) => setTimeout(done, 10));
	}
	throw new Error(`no ${method} from the server`);
};

const raw = (client, method, params) =>
	client.request({ method, params }, ResultSchema);

/* All pages of a list. */
async function list(client, step, method) {
	let cursor;
	do {
		const page = await step(method, raw(client, method,
			cursor === undefined ? {} : { cursor }));
		cursor = page?.nextCursor;
	} while (cursor !== undefined);
}

async function lists(client, step) {
	for (const method of ["tools/list", "prompts/list", "resources/list",
		"resources/templates/list"])
		await list(client, step, method);
	await step("ping", client.ping());
	await step("an unknown method", raw(client, "no/such", { a: 1.5 }));
	await step("an unknown tool", client.callTool({ name: "no-such-tool",
		arguments: {} }));
}

const EVERYTHING = {
	"echo": [{ message: "hello" }, { message: "\u00e9\u2028\u0085\r\n\t\\/" },
		{ message: "x".repeat(200000) }, {}, { message: 5 }],
	"get-annotated-message": [{ messageType: "error", includeImage: true },
		{ messageType: "success" }, { messageType: "none" }],
	"get-env": [{}],
	"get-resource-links": [{ count: 10 }, {}, { count: 99 }],
	"get-resource-reference": [{ resourceType: "Blob", resourceId: 2 }, {}],
	"get-structured-content": [{ location: "Chicago" }, {}],
	"get-sum": [{ a: 1, b: 2.5 }, { a: 1e300, b: -1e300 }, { a: "1" }],
	"get-tiny-image": [{}],
	"gzip-file-as-resource": [{ name: "a.gz", outputType: "resource",
		data: "data:text/plain;base64,aGVsbG8=" }, { name: "b.gz",
		outputType: "resourceLink", data: "data:,hi" }],
	"get-roots-list": [{}],
	"trigger-sampling-request": [{ prompt: "p", maxTokens: 10 }],
	"trigger-elicitation-request": [{}],
	"trigger-url-elicitation": [{ url: "https://example.org/x" }],
};

async function everything(client, recorder, step) {
	await seen(recorder, "roots/list");
	await lists(client, step);
	for (const [name, calls] of Object.entries(EVERYTHING))
		for (const args of calls)
			await step(name, client.callTool({ name, arguments: args }));
	await step("progress", client.callTool({
		name: "trigger-long-running-operation",
		arguments: { duration: 0.5, steps: 5 } }, undefined,
	{ onprogress: () => {} }));
	for (const [name, args] of [["simple-prompt", undefined],
		["args-prompt", { city: "Z\u00fcrich", state: "ZH" }],
		["args-prompt", {}], ["no-such-prompt", {}],
		["resource-prompt", { resourceType: "Text", resourceId: "1" }]])
		await step(name, client.getPrompt({ name, arguments: args }));
	for (const uri of ["demo://resource/static/document/features.md",
		"demo://resource/dynamic/text/1", "demo://resource/dynamic/blob/2",
		"demo://no/such"])
		await step(uri, client.readResource({ uri }));
	const uri = "demo://resource/dynamic/text/1";
	await step("subscribe", client.subscribeResource({ uri }));
	await step("unsubscribe", client.unsubscribeResource({ uri }));
	for (const [ref, argument, context] of [
		[{ type: "ref/prompt", name: "completable-prompt" },
			{ name: "department", value: "E" }],
		[{ type: "ref/prompt", name: "completable-prompt" },
			{ name: "name", value: "" },
			{ arguments: { department: "Engineering" } }],
		[{ type: "ref/resource",
			uri: "demo://resource/dynamic/text/{resourceId}" },
		{ name: "resourceId", value: "1" }]])
		await step("complete", client.complete({ ref, argument, context }));
	for (const level of ["debug", "error", "nonsense"])
		await step(level, raw(client, "logging/setLevel", { level }));
	const cancel = new AbortController();
	const call = client.callTool({ name: "trigger-long-running-operation",
		arguments: { duration: 20, steps: 2 } }, undefined,
	{ signal: cancel.signal });
	setTimeout(() => cancel.abort("enough"), 100);
	await step("cancelled", call);
	const asked = count(recorder, "roots/list");
	await client.sendRootsListChanged();
	await seen(recorder, "roots/list", asked + 1);
	await step("ping", client.ping());
}

async function filesystem(client, recorder, step, dir) {
	const at = (name) => path.join(dir, name);
	const call = (name, args) => step(name, client.callTool({ name,
		arguments: args }));

	await seen(recorder, "roots/list");
	await lists(client, step);
	await call("list_allowed_directories", {});
	await call("write_file", { path: at("a.txt"), content:
		"one\ntwo \u00e9 \u{1f600}\nthree\r\n\u2028" });
	await call("write_file", { path: at("big.txt"), content:
		"0123456789\n".repeat(30000) });
	await call("create_directory", { path: at("sub/deep") });
	await call("read_text_file", { path: at("a.txt") });
	await call("read_text_file", { path: at("a.txt"), head: 1 });
	await call("read_text_file", { path: at("big.txt") });
	await call("read_media_file", { path: at("a.txt") });
	await call("read_multiple_files", { paths: [at("a.txt"),
		at("missing")] });
	await call("edit_file", { path: at("a.txt"), edits: [
		{ oldText: "two", newText: "zwei" }] });
	await call("edit_file", { path: at("a.txt"), dryRun: true, edits: [
		{ oldText: "not there", newText: "x" }] });
	await call("list_directory", { path: dir });
	await call("list_directory_with_sizes", { path: dir });
	await call("directory_tree", { path: dir });
	await call("move_file", { source: at("a.txt"), destination:
		at("sub/b.txt") });
	await call("search_files", { path: dir, pattern: "**/*.txt" });
	await call("get_file_info", { path: at("big.txt") });
	await call("read_text_file", { path: at("../outside.txt") });
	await call("read_text_file", { path: "/usr/lib/os-release" });
	await call("write_file", { path: at("a.txt") });
}

async function memory(client, recorder, step) {
	const call = (name, args) => step(name, client.callTool({ name,
		arguments: args }));
	const names = ["Ada", "\u00c9mile", "x y"];

	await lists(client, step);
	await call("create_entities", { entities: names.map((name) => ({ name,
		entityType: "person", observations: ["likes tea", "\u2029"] })) });
	await call("create_relations", { relations: [{ from: "Ada",
		to: "\u00c9mile", relationType: "knows" }] });
	await call("add_observations", { observations: [{ entityName: "Ada",
		contents: ["reads"] }] });
	await call("add_observations", { observations: [{ entityName: "No",
		contents: [] }] });
	await call("read_graph", {});
	await call("search_nodes", { query: "tea" });
	await call("open_nodes", { names });
	await call("delete_observations", { deletions: [{ entityName: "Ada",
		observations: ["reads"] }] });
	await call("delete_relations", { relations: [{ from: "Ada",
		to: "\u00c9mile", relationType: "knows" }] });
	await call("delete_entities", { entityNames: names });
	await call("read_graph", {});
	await call("create_entities", { entities: "wrong" });
}

export const scenarios = {
	everything: () => ({ command: [...server("everything"), "stdio"],
		env: {}, talk: everything }),
	filesystem: (dir) => ({ command: [...server("filesystem"), dir], env: {},
		talk: (client, recorder, step) => filesystem(client, recorder,
			step, fs.realpathSync(dir)) }),
	memory: (dir) => ({ command: server("memory"),
		env: { MEMORY_FILE_PATH: path.join(dir, "memory.json") },
		talk: memory }),
};
