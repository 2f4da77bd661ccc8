using System;
using System.IO;
using System.Text;
using System.Text.Json;

namespace CertRebindLab
{
    /// <summary>A certificate as its store keeps it in the registry: each property as number, one, length, bytes.</summary>
    internal static class CertificateBlob
    {
        private const int sha1 = 3, friendlyName = 11, archived = 19, encoded = 32, list = 33, renewal = 64;

        public static byte[] Of(JsonElement certificate)
        {
            var memory = new MemoryStream();
            using (var writer = new BinaryWriter(memory))
            {
                Write(writer, sha1, Convert.FromHexString(certificate.GetProperty("thumbprint").GetString()));
                var name = certificate.GetProperty("friendlyName").GetString();
                if (name != null) Write(writer, friendlyName, Encoding.Unicode.GetBytes(name + "\0"));
                if (certificate.GetProperty("archived").GetBoolean()) Write(writer, archived, Array.Empty<byte>());
                var successor = certificate.GetProperty("renewedTo").GetString();
                if (successor != null) Write(writer, renewal, Convert.FromHexString(successor));
                Write(writer, encoded, Convert.FromBase64String(certificate.GetProperty("der").GetString()));
            }
            return memory.ToArray();
        }

        /// <summary>A list of revoked certificates, as a store keeps it.</summary>
        public static byte[] OfList(byte[] der)
        {
            var memory = new MemoryStream();
            using (var writer = new BinaryWriter(memory)) Write(writer, list, der);
            return memory.ToArray();
        }

        private static void Write(BinaryWriter writer, int property, byte[] value)
        {
            writer.Write(property);
            writer.Write(1);
            writer.Write(value.Length);
            writer.Write(value);
        }
    }
}
