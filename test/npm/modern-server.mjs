/*
 * A server of revision 2026-07-28, made with the official library: clients of
 * that era need no handshake, and what they are asked for is embedded in
 * results.
 */
import { McpServer, acceptedContent, inputRequired } from
	"@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { z } from "zod";

const text = (words) => ({ content: [{ type: "text", text: words }] });

serveStdio(() => {
	const server = new McpServer({ name: "modern", version: "1" },
		{ capabilities: { tools: {} } });

	server.registerTool("echo", {
		description: "says the same again",
		inputSchema: z.object({ message: z.string() }),
	}, ({ message }) => text(message));
	server.registerTool("ask", {
		description: "asks the user before it answers",
		inputSchema: z.object({}),
	}, (_args, context) => {
		const got = acceptedContent(context.mcpReq.inputResponses, "name");
		return got === undefined ? inputRequired({ inputRequests: {
			name: inputRequired.elicit({ message: "your name?",
				requestedSchema: { type: "object", properties: {
					name: { type: "string" } } } }) } }) :
			text(`hello ${got.name}`);
	});
	return server;
});
