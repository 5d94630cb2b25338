// Runs CloudFront's function for paths of the page: views get index.html, and files stay as they are. The argument
// is a file that infra/transformed.py writes.
import { readFileSync } from "node:fs";

const { Resources } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const handler = new Function(`${Resources.PageViews.Properties.FunctionCode}; return handler`)();

const CASES = [
  ["/", "/index.html"],
  ["/index.html", "/index.html"],
  ["/documents/0198ad10-3c00-7000-8000-000000000002", "/index.html"],
  ["/admin/accounts/", "/index.html"],
  ["/v1.2/topics", "/index.html"],
  ["/icon.svg", "/icon.svg"],
  ["/assets/index-Cx3yZ_1a.js", "/assets/index-Cx3yZ_1a.js"],
  ["/assets/absent.css", "/assets/absent.css"],
];

let failed = 0;
for (const [uri, expected] of CASES) {
  const answer = handler({ request: { method: "GET", uri, querystring: {}, headers: {}, cookies: {} } });
  if (answer.uri !== expected) {
    failed += 1;
    console.log(`  ${uri} leads to ${answer.uri}, and not to ${expected}`);
  }
}
console.log(`${CASES.length} paths, ${failed} wrong`);
process.exitCode = failed ? 1 : 0;
