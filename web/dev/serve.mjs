// A stand-in for `waybill server`, for work on the pages and for their tests: it gives out the built pages and
// answers the questions of openapi.yaml with made-up numbers of a shop.
//   node dev/serve.mjs [--port 8317] [--store shop|empty|quiet|hostile|big] [--token SECRET]
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { answersOf } from "./answers.mjs";

const pages = fileURLToPath(new URL("../dist", import.meta.url));
const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
// As strict as it can be: nothing of the pages is inline, and nothing comes from elsewhere.
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function startFixtures({ store = "shop", token = "", port = 0, prefix = "" } = {}) {
  const answer = answersOf(store);
  const server = createServer((request, response) => {
    if (!request.url.startsWith(`${prefix}/`)) {
      return give(response, 404, { error: "Nothing is here." });
    }
    const url = new URL(request.url.slice(prefix.length), "http://localhost");
    if (!url.pathname.startsWith("/api/v1/")) {
      return givePage(url.pathname, response);
    }
    if (token && request.headers.authorization !== `Bearer ${token}`) {
      return give(response, 401, { error: "This server wants a token." });
    }
    const path = decodeURIComponent(url.pathname.slice("/api/v1".length));
    const { status = 200, body } = answer(path, Object.fromEntries(url.searchParams));
    give(response, status, body);
  });
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      const close = () => {
        server.closeAllConnections?.();
        return new Promise((done) => server.close(done));
      };
      resolve({ url: `http://127.0.0.1:${server.address().port}${prefix}`, close });
    });
  });
}

function give(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
  response.end(JSON.stringify(body));
}

// A file, or else index.html: the pages look at the path themselves.
function givePage(pathname, response) {
  const wanted = join(pages, normalize(pathname));
  const isFile = wanted.startsWith(pages) && existsSync(wanted) && statSync(wanted).isFile();
  if (!isFile && extname(wanted)) {
    response.writeHead(404).end();
    return;
  }
  const file = isFile ? wanted : join(pages, "index.html");
  response.writeHead(200, {
    "Content-Type": types[extname(file)] ?? "application/octet-stream",
    "Content-Security-Policy": policy,
  });
  createReadStream(file).pipe(response);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const option = (name, other) => {
    const at = process.argv.indexOf(`--${name}`);
    return at < 0 ? other : process.argv[at + 1];
  };
  const { url } = await startFixtures({
    port: Number(option("port", "8317")),
    store: option("store", "shop"),
    token: option("token", ""),
  });
  console.log(url);
}
