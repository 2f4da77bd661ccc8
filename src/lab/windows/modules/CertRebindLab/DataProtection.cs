using System;
using System.Security.Cryptography;
using System.Text;

namespace CertRebindLab
{
    /// <summary>
    /// Stands where .NET Framework has System.Security.Cryptography.ProtectedData. It shows who can read what, and protects
    /// nothing: the key is made from what everybody can read of the lab. Only the scope of the machine is modelled.
    /// </summary>
    public static class DataProtection
    {
        private const int Head = 16;

        public static byte[] Protect(byte[] userData, byte[] optionalEntropy, string scope)
        {
            DemandMachine(scope);
            var nonce = RandomNumberGenerator.GetBytes(12);
            var tag = new byte[16];
            var hidden = new byte[userData.Length];
            using (var cipher = new AesGcm(KeyFor(optionalEntropy), tag.Length)) cipher.Encrypt(nonce, userData, hidden, tag);
            var all = new byte[Head + 28 + hidden.Length];
            Machine().CopyTo(all, 0);
            nonce.CopyTo(all, Head);
            tag.CopyTo(all, Head + 12);
            hidden.CopyTo(all, Head + 28);
            return all;
        }

        public static byte[] Unprotect(byte[] encryptedData, byte[] optionalEntropy, string scope)
        {
            DemandMachine(scope);
            var all = encryptedData.AsSpan();
            if (all.Length < Head + 28) throw Invalid();
            if (!all.Slice(0, Head).SequenceEqual(Machine()))
                throw new CryptographicException("Key not valid for use in specified state.") { HResult = unchecked((int)0x8009000B) };
            var value = new byte[all.Length - Head - 28];
            try
            {
                using (var cipher = new AesGcm(KeyFor(optionalEntropy), 16))
                    cipher.Decrypt(all.Slice(Head, 12), all.Slice(Head + 28), all.Slice(Head + 12, 16), value);
            }
            catch (CryptographicException)
            {
                throw Invalid();
            }
            return value;
        }

        private static CryptographicException Invalid() =>
            new CryptographicException("The data is invalid.") { HResult = unchecked((int)0x8007000D) };

        private static byte[] Machine() => SHA256.HashData(Encoding.UTF8.GetBytes(ServerState.Read("id").Id)).AsSpan(0, Head).ToArray();

        private static byte[] KeyFor(byte[] entropy) => HMACSHA256.HashData(Machine(), entropy ?? Array.Empty<byte>());

        private static void DemandMachine(string scope)
        {
            if (scope != "LocalMachine") throw new NotImplementedException($"Lab: the scope {scope} is not modelled.");
        }
    }
}
