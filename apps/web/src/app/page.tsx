import { greeting } from '../server/greeting.js';
export default function Home() {
  return <main>{greeting}</main>;
}
