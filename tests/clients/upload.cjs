// tus-js-client against a bureau: uploads a file, stops in the middle, goes on, or ends the upload there.
//
// modules what endpoint token file sha256 storage; what: upload, stop, resume, terminate
"use strict";
const { createReadStream, statSync } = require("node:fs");
const { createRequire } = require("node:module");

const [modules, what, endpoint, token, path, sha256, storage] = process.argv.slice(2);
const tus = createRequire(modules + "/")("tus-js-client");
const half = statSync(path).size / 2;

function fail(error) {
  console.error(String(error));
  process.exit(1);
}

async function main() {
  const upload = new tus.Upload(createReadStream(path), {
    endpoint,
    headers: { Authorization: `Bearer ${token}` },
    metadata: { sha256, filename: "照片.jpg" },
    chunkSize: 200_000,
    retryDelays: Array(20).fill(10),
    urlStorage: new tus.FileUrlStorage(storage),
    storeFingerprintForResuming: true,
    uploadDataDuringCreation: what === "upload",
    overridePatchMethod: what === "resume",
    onError: fail,
    onSuccess: () => console.log("ends", upload.url),
    onChunkComplete: (_, accepted) => {
      if ((what === "stop" || what === "terminate") && accepted >= half) {
        upload.abort(what === "terminate").then(() => {
          console.log("stops", accepted, upload.url);
          process.exit(0);
        }, fail);
      }
    },
  });
  const earlier = await upload.findPreviousUploads();
  console.log("knows", earlier.length);
  if (what === "resume") upload.resumeFromPreviousUpload(earlier[0]);
  upload.start();
}

main().catch(fail);
