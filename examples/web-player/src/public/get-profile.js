async function getProfile() {
  const accessToken = localStorage.getItem('access_token');
  const response = await fetch('http://127.0.0.1:4410/v1/me', {
    headers: { Authorization: 'Bearer ' + accessToken },
  });
  const data = await response.json();
  if (!response.ok) throw new Error(data.error.status + ' ' + data.error.message);
  return data;
}
