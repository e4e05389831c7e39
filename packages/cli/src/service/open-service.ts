import { credentialsFile, givenService } from '../env.js';
import { ServiceClient } from './client.js';
import { readCredentials } from './credentials.js';

/** The service that the user is signed in to. */
export async function openService(): Promise<ServiceClient> {
  return new ServiceClient(await readCredentials(credentialsFile(), givenService()));
}
