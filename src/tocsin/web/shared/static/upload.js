// Shows how far a file is on its way. Without this script the form works as any form does.
(() => {
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const file = form.querySelector("input[type=file]");
  const error = document.getElementById("file-error");
  const sending = document.getElementById("sending");
  const bar = document.getElementById("sent");

  const say = (words) => {
    error.textContent = words;
    error.hidden = !words;
    error.className = words ? "error" : "";
  };
  const isTooLarge = () => {
    const most = Number(form.dataset.bytesMax);
    const large = file.files.length > 0 && file.files[0].size > most;
    say(large ? `The file has more than ${Math.floor(most / 1e6)} MB.` : "");
    return large;
  };
  const show = (answer) => {
    const main = new DOMParser().parseFromString(answer, "text/html").querySelector("main");
    if (main) document.querySelector("main").replaceWith(main);
  };

  file.addEventListener("change", isTooLarge);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (isTooLarge()) return;
    const request = new XMLHttpRequest();
    const button = form.querySelector("button");
    request.upload.addEventListener("progress", (at) => {
      if (at.lengthComputable) bar.value = at.loaded / at.total;
    });
    request.addEventListener("load", () => {
      if (request.status < 400) location.assign(request.responseURL);
      else show(request.responseText);
    });
    request.addEventListener("error", () => {
      say("It did not get through. Is the connection there? Send it again.");
      button.disabled = false;
      sending.hidden = true;
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
    button.disabled = true;
    sending.hidden = false;
  });
})();
