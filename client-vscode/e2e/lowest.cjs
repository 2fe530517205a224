// Serves the lowest workbench, whose server has no command of its own: lowest.cjs SERVER PORT OPTIONS (JSON).
const http = require("node:http");

const [, , main, port, options] = process.argv;

(async () => {
  const server = await (await require(main).loadCodeWithNls()).createServer(null, {
    _: [],
    "accept-server-license-terms": true,
    "without-connection-token": true,
    compatibility: "1.64",
    host: "127.0.0.1",
    port,
    ...JSON.parse(options),
  });
  const listening = http.createServer((request, response) => server.handleRequest(request, response));
  listening.on("upgrade", (request, socket) => server.handleUpgrade(request, socket));
  listening.listen(Number(port), "127.0.0.1");
})();
