// Mints tokens with jose; see ../README.md.
//
// usage: mint.mjs FOLDER    where node_modules is

import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {resolve} from "node:path";

const require = createRequire(`${resolve(process.argv[2])}/`);
const jose = await import(require.resolve("jose"));

const order = JSON.parse(readFileSync(0, "utf8"));
const secret = new TextEncoder().encode(order.secret);
const keys = [];
const tokens = {};
let pem = "";
for (const alg of ["HS256", "RS256", "PS256", "ES256", "EdDSA"]) {
  const kid = `node-${alg}`;
  let signer = secret;
  let verifier = secret;
  if (alg !== "HS256") {
    const pair = await jose.generateKeyPair(alg, {extractable: true});
    signer = pair.privateKey;
    verifier = pair.publicKey;
    pem += `${await jose.exportSPKI(verifier)}\n`;
  }
  keys.push({...(await jose.exportJWK(verifier)), kid, alg});
  const sign = (header) =>
    new jose.SignJWT(order.claims).setProtectedHeader(header).sign(signer);
  tokens[alg] = {
    named: await sign({alg, kid, typ: "at+jwt"}),
    unnamed: await sign({alg}),
  };
}
console.log(JSON.stringify({jwks: {keys}, pem, tokens}));
