export default function NotFoundPage() {
  return (
    <main>
      <h1>Not found</h1>
      <p>
        There is nothing here that you may see. Go to <a href="/">your organisations</a>.
      </p>
    </main>
  );
}
