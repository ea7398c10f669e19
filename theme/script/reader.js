// reader.js: the button on a reader's page says whether one follows them: the page itself is everybody's.
const form = document.querySelector('[data-follow]');

async function look() {
  if (!document.cookie.split('; ').some((c) => c.startsWith('stet_in='))) return;
  const response = await fetch(`${form.dataset.follow}/mine.json`, { cache: 'no-store' }).catch(() => null);
  if (!response?.ok) return;
  const { self, following } = await response.json();
  form.hidden = self;
  form.action = `${form.dataset.follow}/${following ? 'unfollow' : 'follow'}`;
  form.querySelector('button').textContent = following ? form.dataset.unfollowText : form.dataset.followText;
}

if (form) {
  look();
  window.addEventListener('pageshow', (e) => { if (e.persisted) look(); });
}
