// Stand-in for VS Code in front of its Markdown server. Outside, it speaks plain LSP over standard input and output.
// Inside, it runs the server as VS Code does, in a process of its own over IPC, and answers its `markdown/*` requests.
import { fork } from 'node:child_process';
import { readFile, readdir, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import MarkdownIt from 'markdown-it';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node.js';
import { TextDocument } from 'vscode-languageserver-textdocument';

const SKIPPED = new Set(['node_modules', '.git']);
const parser = new MarkdownIt({ html: true });
const open = new Map(); // URI → open document
let roots = [];

async function markdownFiles(folder) {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(entries.map(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : markdownFiles(path);
    return entry.name.endsWith('.md') ? [pathToFileURL(path).href] : [];
  }));
  return found.flat();
}

async function textOf(uri) {
  return open.get(uri)?.getText() ?? await readFile(fileURLToPath(uri), 'utf8');
}

async function statOf(uri) {
  try {
    return { isDirectory: (await stat(fileURLToPath(uri))).isDirectory() };
  } catch {
    return null;
  }
}

async function entriesOf(uri) {
  const entries = await readdir(fileURLToPath(uri), { withFileTypes: true });
  return entries.map(entry => [entry.name, { isDirectory: entry.isDirectory() }]);
}

const ANSWERS = {
  'markdown/parse': async ({ uri, text }) => parser.parse(text ?? await textOf(uri), {}),
  'markdown/fs/readFile': async ({ uri }) => Array.from(await readFile(fileURLToPath(uri))),
  'markdown/fs/readDirectory': ({ uri }) => entriesOf(uri),
  'markdown/fs/stat': ({ uri }) => statOf(uri),
  'markdown/fs/watcher/create': () => null,
  'markdown/fs/watcher/delete': () => null,
  'markdown/findMarkdownFilesInWorkspace': async () => (await Promise.all(roots.map(markdownFiles))).flat(),
};

const SEEN = {
  'initialize': ({ workspaceFolders }) => {
    roots = (workspaceFolders ?? []).map(folder => fileURLToPath(folder.uri));
  },
  'textDocument/didOpen': ({ textDocument: { uri, languageId, version, text } }) => {
    open.set(uri, TextDocument.create(uri, languageId, version, text));
  },
  'textDocument/didChange': ({ textDocument: { uri, version }, contentChanges }) => {
    TextDocument.update(open.get(uri), contentChanges, version);
  },
  'textDocument/didClose': ({ textDocument: { uri } }) => {
    open.delete(uri);
  },
};

const worker = createRequire(import.meta.url).resolve('vscode-markdown-languageserver/dist/node/workerMain.js');
const options = (process.env.SERVER_NODE_OPTIONS ?? '').split(' ').filter(Boolean);
const server = fork(worker, ['--node-ipc'], { execArgv: options, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
const outside = new StreamMessageWriter(process.stdout);

server.on('message', async message => {
  const answer = message.id !== undefined && ANSWERS[message.method];
  if (!answer) {
    outside.write(message);
    return;
  }
  const { jsonrpc, id } = message;
  try {
    server.send({ jsonrpc, id, result: await answer(message.params) });
  } catch (error) {
    server.send({ jsonrpc, id, error: { code: -32603, message: String(error) } });
  }
});
server.on('exit', code => process.exit(code ?? 1));

new StreamMessageReader(process.stdin).listen(message => {
  SEEN[message.method]?.(message.params);
  if (server.connected) server.send(message);
});
process.stdin.on('end', () => server.kill());
