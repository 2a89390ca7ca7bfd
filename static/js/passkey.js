// A passkey as the second step: hands the server's question to the browser and sends its answer with the form.
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
const withBytes = (keys) => keys?.map((key) => ({ ...key, id: toBytes(key.id) }));

const create = ({ publicKey: asked }) =>
  navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: toBytes(asked.challenge),
      user: { ...asked.user, id: toBytes(asked.user.id) },
      excludeCredentials: withBytes(asked.excludeCredentials),
    },
  });

const get = ({ publicKey: asked }) =>
  navigator.credentials.get({
    publicKey: {
      ...asked,
      challenge: toBytes(asked.challenge),
      allowCredentials: withBytes(asked.allowCredentials),
    },
  });

const asJson = (key) => {
  const { clientDataJSON, attestationObject, authenticatorData, signature, userHandle } = key.response;
  const parts = { clientDataJSON, attestationObject, authenticatorData, signature, userHandle };
  const response = {};
  for (const [name, part] of Object.entries(parts)) if (part) response[name] = toText(part);
  if (attestationObject) response.transports = key.response.getTransports?.() ?? [];
  return {
    type: key.type,
    id: key.id,
    rawId: toText(key.rawId),
    authenticatorAttachment: key.authenticatorAttachment ?? null,
    clientExtensionResults: key.getClientExtensionResults(),
    response,
  };
};

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("button");
  const failed = form.querySelector("[data-failed]");
  if (!window.PublicKeyCredential) continue; // the page says what else there is
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    failed.hidden = true;
    try {
      const asked = JSON.parse(document.getElementById("passkey-question").textContent);
      const key = asked.creation_options ? await create(asked.creation_options) : await get(asked.request_options);
      form.elements.credential.value = JSON.stringify(asJson(key));
      form.submit();
    } catch {
      failed.hidden = false;
      button.disabled = false;
    }
  });
}
