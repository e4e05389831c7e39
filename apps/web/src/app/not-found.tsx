import { SignPage } from '../ui/sign-page.js';

export default function NotFoundPage() {
  return (
    <SignPage title="Not found">
      <p>
        There is nothing here that you may see. Go to <a href="/">your organisations</a>.
      </p>
    </SignPage>
  );
}
