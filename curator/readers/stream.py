"""The bytes of a file as they lie in the storage, and what tells a damaged file from a storage that does not answer."""

from __future__ import annotations

from curator.errors import InputError
from curator.readers.listing import InputFile
from curator.readers.records import DamagedFile
from curator.store.files import filesystem_for, is_local

LFS_POINTER = b"version https://git-lfs.github.com/spec/"
LFS_POINTER_BYTES = range(100, 200)  # its size: a version, a SHA-256 and the size of the file that it stands for


class RawFile:
    """The undecoded bytes of one file as a Python file, so that Arrow's decoders can pull from it.

    It tells damage from an unreachable storage: what cannot be opened, or is no longer as it was listed, is damaged; a
    failed read of a remote file is no fault of the file and raises a plain InputError, now or in `check`.
    """

    def __init__(self, file: InputFile) -> None:
        self.file = file
        self._failure: InputError | None = None
        try:
            filesystem, inside = filesystem_for(file.path)
            self._local = is_local(filesystem)
            self._stream = filesystem.open_input_file(inside)
        except FileNotFoundError:
            raise DamagedFile(file.path, 0, "the file is no longer there") from None
        except OSError as error:
            if not isinstance(error, PermissionError) and "ACCESS_DENIED" not in str(error) and "://" in file.path:
                raise InputError(f"{file.path} cannot be opened now: {error}") from error
            raise DamagedFile(file.path, 0, f"it cannot be opened ({error})") from error
        if self._stream.size() != file.size:
            size = self._stream.size()
            raise DamagedFile(file.path, 0, f"it had {file.size:,} bytes when it was listed and has {size:,} now")
        self._refuse_pointer()

    def _refuse_pointer(self) -> None:
        """A cloned hub repository holds small text files in the place of data that was never fetched."""
        if self.file.size in LFS_POINTER_BYTES:
            if self.read(len(LFS_POINTER)) == LFS_POINTER:
                raise DamagedFile(
                    self.file.path, 0, "it is a Git LFS pointer, not the data: run git lfs pull beside it"
                )
            self.seek(0)

    def read(self, size: int = -1) -> bytes:
        position = self._stream.tell()
        most = max(1, self.file.size)  # a broken header may ask a decoder, and it this, for more bytes than there are
        try:
            return bytes(self._stream.read(most if size < 0 else min(size, most)))
        except OSError as error:
            if self._local:
                self._failure = DamagedFile(self.file.path, position, f"it cannot be read ({error})")
            else:
                self._failure = InputError(f"{self.file.path} cannot be read now: {error}")
            raise self._failure from error

    def check(self) -> None:
        """Raise again what a read raised inside a decoder that turned it into an error of its own."""
        if self._failure:
            raise self._failure

    def seek(self, offset: int, whence: int = 0) -> int:
        return int(self._stream.seek(offset, whence))

    def tell(self) -> int:
        return int(self._stream.tell())

    def close(self) -> None:
        self._stream.close()

    @property
    def closed(self) -> bool:
        return bool(self._stream.closed)
