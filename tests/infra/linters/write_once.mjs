// Evaluates the policies of the bucket and of upload-url as AWS does: an object is stored once, over TLS, and by
// nobody else. The arguments are the folder of node_modules, and the file that infra/policies.py writes.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [folder, file] = process.argv.slice(2);
const { runSimulation } = createRequire(`${folder}/`)("@cloud-copilot/iam-simulate");
const { roles, resources } = JSON.parse(readFileSync(file, "utf8"));

const ACCOUNT = "123456789012";
const OBJECT = "arn:aws:s3:::bucket/owner/document/object";
const TLS = { "aws:SecureTransport": "true" };
const CREATION = { ...TLS, "s3:ObjectCreationOperation": "true" };

const CASES = [
  ["upload-url stores a new object", "UploadUrlRole", "s3:PutObject", { ...CREATION, "s3:if-none-match": "*" }, "Allowed"],
  ["it replaces an object", "UploadUrlRole", "s3:PutObject", CREATION, "ExplicitlyDenied"],
  ["it replaces an object that has a tag", "UploadUrlRole", "s3:PutObject", { ...CREATION, "s3:if-match": "tag" },
    "ExplicitlyDenied"],
  ["it stores a part of an upload", "UploadUrlRole", "s3:PutObject", { ...TLS, "s3:ObjectCreationOperation": "false" },
    "Allowed"],
  ["it stores without TLS", "UploadUrlRole", "s3:PutObject",
    { ...CREATION, "aws:SecureTransport": "false", "s3:if-none-match": "*" }, "ExplicitlyDenied"],
  ["it reads", "UploadUrlRole", "s3:GetObject", TLS, "ImplicitlyDenied"],
  ["documents reads", "DocumentsRole", "s3:GetObject", TLS, "Allowed"],
  ["documents reads without TLS", "DocumentsRole", "s3:GetObject", { "aws:SecureTransport": "false" }, "ExplicitlyDenied"],
  ["documents stores", "DocumentsRole", "s3:PutObject", { ...CREATION, "s3:if-none-match": "*" }, "ImplicitlyDenied"],
];

let failed = 0;
for (const [title, role, action, contextVariables, expected] of CASES) {
  const answer = await runSimulation({
    identityPolicies: [{ name: role, policy: roles[role] }],
    serviceControlPolicies: [], resourceControlPolicies: [], resourcePolicy: resources.BucketPolicy,
    request: {
      action, contextVariables, principal: `arn:aws:iam::${ACCOUNT}:role/${role}`,
      resource: { resource: OBJECT, accountId: ACCOUNT },
    },
  }, {});
  const result = answer.overallResult ?? JSON.stringify(answer).slice(0, 500);
  if (result !== expected) {
    failed += 1;
    console.log(`  ${title}: ${result}, and not ${expected}`);
  }
}
console.log(`${CASES.length} requests, ${failed} with another result`);
process.exitCode = failed ? 1 : 0;
