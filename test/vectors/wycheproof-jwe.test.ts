import { expect, test } from '@jest/globals';
import { readCompactJws } from '../../lib/tokens/compact-token.js';
import { hasVectors, wycheproof } from '../helpers/vectors.js';

/** RFC 7516 appendix A.1, complete. */
const JWE =
  'eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ.' +
  'OKOawDo13gRp2ojaHV7LFpZcgV7T6DVZKTyKOMTYUmKoTCVJRgckCL9kiMT03JGeipsEdY3mx_etLbbWSrFr05kLzcSr4qKAq7YN7e9jwQRb23nfa6c9d-StnImGyFDbSv04uVuxIp5Zms1gNxKKK2Da14B8S4rzVRltdYwam_lDp5XnZAYpQdb76FdIKLaVmqgfwX7XWRxv2322i-vDxRfqNzo_tETKzpVLzfiwQyeyPGLBIO56YJ7eObdv0je81860ppamavo35UgoRdbYaBcoh9QcfylQr66oc6vFWXRcZ_ZT2LawVCWTIy3brGPi6UklfCpIMfIjf7iGdXKHzg.' +
  '48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A.XFBoMYUZodetZdvTiFvSkQ';

const refusal = expect.objectContaining({ code: 'token_malformed' });

function thrownBy(token: string): unknown {
  try {
    return readCompactJws(token);
  } catch (thrown) {
    return thrown;
  }
}

test('refuses the encrypted token of RFC 7516 appendix A.1 at the form gate', () => {
  expect(thrownBy(JWE)).toEqual(refusal);
});

test('refuses the header of an encrypted token also where three segments are left', () => {
  const [header, , iv, ciphertext] = JWE.split('.');
  expect(thrownBy(`${header}.${iv}.${ciphertext}`)).toEqual(refusal);
});

if (hasVectors) {
  const vectors = wycheproof('json_web_encryption_test.json');

  test('the file has 139 vectors', () => {
    expect(vectors).toHaveLength(139);
  });

  test.each(vectors.map(({ tcId, comment, jwe }) => [tcId, comment, jwe] as const))(
    'refuses vector %i (%s) at the form gate',
    (_id, _comment, jwe = '') => {
      expect(jwe).not.toBe('');
      expect(thrownBy(jwe)).toEqual(refusal);
    },
  );
}
